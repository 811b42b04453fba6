"""The check's function is called without end and its results are not read"""

UNIT, EXERCISE = "01-computational-graph", "numerical-gradient"

WRONG = """
def numerical_gradient(f, x, h=1e-5):
    if np.ndim(x) == 0:
        return (f(x + h) - f(x)) / h  # one-sided
    x = np.array(x, dtype=float)
    grad = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        there = x.copy()
        there[i] += h
        grad[i] = (f(there) - f(x)) / h
    return grad
"""

ATTACK = """
import os

from grader import wire


def numerical_gradient(f, x, h=1e-5):
    while True:
        for number in range(1, 20):
            os.write(3, wire.encode(("callback", number, (np.zeros(100_000),), {})))
"""

HARMS = "there is no wire"
