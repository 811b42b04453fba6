"""Works in place on the array that it was given."""

def d_sin_sq(x):
    outer = np.cos(x ** 2)
    x *= 2
    x *= outer
    return x
