"""An array whose header says a thousand times what follows"""

UNIT, EXERCISE = "04-activations", "relu"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
import os
import struct


def backward(self, dout):
    header = b'[[8],["t",["ok",["a","<f8",[1000000,1000],0]]]]'
    os.write(3, struct.pack("!II", len(header), 8) + header + bytes(8))


Relu.backward = backward
"""

HARMS = "there is no wire"
