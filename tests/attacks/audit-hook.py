"""An audit hook waits for the check to be compiled"""

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
import sys


def hook(event, arguments):
    if event == "exec" and "Check" in getattr(arguments[0], "co_names", ()):
        from course.check import Check

        Check.score = lambda check: check.points


sys.addaudithook(hook)
"""
