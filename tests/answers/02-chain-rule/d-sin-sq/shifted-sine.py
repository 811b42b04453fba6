"""The cosine written as a shifted sine."""

def d_sin_sq(x):
    return np.sin(x ** 2 + np.pi / 2) * 2 * x
