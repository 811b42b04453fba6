"""The answer calls the check's function and never comes back from it"""

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


def numerical_gradient(f, x, h=1e-5):
    f(x)
    while True:
        try:
            os.read(3, 1 << 16)
        except KeyboardInterrupt:
            pass
"""

HARMS = "it would hang until its time limit"
