"""Two fresh copies for each coordinate, a lambda and prints."""

import numpy as np

numerical_gradient_1d = lambda up, down, h: (up - down) * (1 / (2 * h))


def numerical_gradient(f, x, h=1e-4):
    a = np.asarray(x, dtype=np.float64)
    grad = np.full(a.shape, np.nan)
    for index, value in np.ndenumerate(a):
        plus, minus = a.copy(), a.copy()
        plus[index] = value + h
        minus[index] = value - h
        grad[index] = numerical_gradient_1d(f(plus), f(minus), h)
        print(index)
    return grad if a.ndim else float(grad)
