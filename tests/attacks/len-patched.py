"""builtins.len gives the check that is up the stack a score method of its own"""

UNIT, EXERCISE = "04-activations", "relu"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
import builtins
import sys

real_len = len


def len_(value):
    frame = sys._getframe(1)
    while frame is not None:
        check = frame.f_locals.get("self")
        if type(check).__name__ == "Check":
            check.score = lambda check=check: check.points
        frame = frame.f_back
    return real_len(value)


builtins.len = len_
"""
