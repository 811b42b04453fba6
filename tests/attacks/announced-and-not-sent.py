"""A message of 60 MB is announced and comes a byte at a time"""

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
import struct
import time


def backward(self, dout):
    os.write(3, struct.pack("!II", 1 << 20, 60 << 20))
    while True:
        os.write(3, b" ")
        time.sleep(0.05)


MulLayer.backward = backward
"""

HARMS = "there is no wire"
