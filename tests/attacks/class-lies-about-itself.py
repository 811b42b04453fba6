"""An object whose __class__ says ndarray"""

UNIT, EXERCISE = "04-activations", "relu"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
class Liar:
    __class__ = np.ndarray
    dtype, ndim, size = np.dtype(float), 2, 4
    shape = (2, 2)

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return True

    def astype(self, kind):
        return self

    def __getattr__(self, name):
        return getattr(np.zeros((2, 2)), name)


Relu.backward = lambda self, dout: Liar(dout)
"""
