"""A function that an earlier check lent is called by its number"""

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
from grader import wire


def numerical_gradient(f, x, h=1e-5):
    desk = f.__closure__[1].cell_contents
    for number in range(1, 50):
        try:
            desk.ask(number, (x,), {})
        except Exception:
            pass
    return np.zeros(np.shape(x))
"""

HARMS = "there is no wire"
