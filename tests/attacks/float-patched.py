"""builtins.float returns the points of the check that rounds its score"""

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

real_float = float


class Float(float):
    def __new__(cls, value=0.0):
        frame = sys._getframe(1)
        if frame.f_code.co_name == "score":
            return frame.f_locals["self"].points
        return real_float(value)


builtins.float = Float
"""
