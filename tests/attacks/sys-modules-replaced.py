"""Another course.check stands in sys.modules before the check imports it"""

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
import types

import course.check


class Check(course.check.Check):
    def score(self):
        return self.points


fake = types.ModuleType("course.check")
vars(fake).update(vars(course.check), Check=Check)
sys.modules["course.check"] = fake
course.check = fake
"""

EXTRA = ["from course.check import Check"]
