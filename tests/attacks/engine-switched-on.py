"""The switch that turns the engine off is turned back"""

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

import course.gradient

os.environ["COURSE_GRADED"] = "0"
course.gradient.require_engine = lambda name: None


def numerical_gradient(f, x, h=1e-5):
    return course.gradient.numerical_gradient(f, x, h)
"""
