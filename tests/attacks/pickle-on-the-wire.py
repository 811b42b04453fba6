"""A pickle that runs a command where it is read"""

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
import pickle
import struct


class Bomb:
    def __reduce__(self):
        return os.system, (f"touch {ROOTS[0]}/unpickled",)


def backward(self, dout):
    raw = pickle.dumps(Bomb())
    header = b'[[%d],["t",["ok",["p",0]]]]' % len(raw)
    os.write(3, struct.pack("!II", len(header), len(raw)) + header + raw)
    os.write(3, struct.pack("!II", 0, len(raw)) + raw)


MulLayer.backward = backward
"""

HARMS = "there is no wire"
