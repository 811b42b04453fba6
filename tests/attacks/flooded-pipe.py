"""The pipe is flooded with bytes that are no message"""

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
import os


def backward(self, dout):
    while True:
        os.write(3, bytes(1 << 16))


MulLayer.backward = backward
"""

HARMS = "there is no wire"
