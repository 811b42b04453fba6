"""The comparisons of course.check do nothing

value, gradient, same and that: each part of a check ends in one of them.
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
from course.check import Check

for name in ("value", "gradient", "same", "that"):
    setattr(Check, name, lambda *args, **kwargs: None)
"""
