"""Errors are not shown, so that a check without a score looks well

Plain nbgrader gives all points to a check that shows neither an error nor a number.
"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""

ATTACK = """
import course.check

get_ipython().showtraceback = lambda *args, **kwargs: None


def score(self):
    raise RuntimeError


course.check.Check.score = score
"""
