"""The grader is imported for its reference answers"""

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
import re

try:
    from grader.units import load_unit

    source = load_unit("03-add-mul-nodes").answers["mul-layer"].source
except Exception as error:
    print(type(error))
else:
    exec(re.sub("### (BEGIN|END) SOLUTION", "", source))
"""
