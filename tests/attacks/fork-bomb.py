"""Processes that fork for ever"""

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

while True:
    try:
        os.fork()
    except OSError:
        pass
"""

HARMS = "it would use up the machine"
