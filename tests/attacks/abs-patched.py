"""builtins.abs gives the check that calls it a score method of its own

The checks call it while they look for a constant factor in a wrong value.
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
import builtins
import sys

real_abs = abs


def abs_(value):
    frame = sys._getframe(1)
    while frame is not None:
        check = frame.f_locals.get("self")
        if type(check).__name__ == "Check":
            check.score = lambda check=check: check.points
        frame = frame.f_back
    return real_abs(value)


builtins.abs = abs_
"""
