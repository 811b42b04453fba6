"""Squares written as x * x, the factor 2 first."""

def d_sin_sq(x):
    return 2 * x * np.cos(x * x)
