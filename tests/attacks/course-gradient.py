"""course.gradient differentiates"""

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
def numerical_gradient(f, x, h=1e-5):
    from course import gradient

    return gradient.numerical_gradient(f, x, h)
"""
