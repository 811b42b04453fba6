"""A subclass of ndarray that changes into what it is compared with"""

UNIT, EXERCISE = "04-activations", "relu"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
import sys


class Chameleon(np.ndarray):
    def __array_finalize__(self, other):
        frame = sys._getframe(1)
        while frame is not None:
            expected = frame.f_locals.get("expected")
            if expected is not None and np.shape(expected) == self.shape:
                np.copyto(self.view(np.ndarray), expected)
            frame = frame.f_back


Relu.backward = lambda self, dout: np.array(dout).view(Chameleon)
"""
