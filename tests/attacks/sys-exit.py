"""sys.exit in the cell and in the answer"""

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

MulLayer.backward = lambda self, dout: sys.exit(0)
sys.exit(0)
"""
