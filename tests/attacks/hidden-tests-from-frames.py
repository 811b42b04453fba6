"""The answer reads the expected value from the frames of the check that calls it"""

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


def backward(self, dout):
    frame = sys._getframe(1)
    while frame is not None:
        for name, value in list(frame.f_locals.items()):
            if type(value).__name__ == "Check":
                value.score = lambda check=value: check.points
        frame = frame.f_back
    return dout * self.x, dout * self.y


MulLayer.backward = backward
"""
