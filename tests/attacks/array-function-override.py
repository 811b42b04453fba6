"""An answer that takes over np.allclose by __array_function__"""

UNIT, EXERCISE = "04-activations", "relu"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
class Right(np.ndarray):
    def __array_function__(self, function, types, args, kwargs):
        return True


Relu.backward = lambda self, dout: np.asarray(dout).view(Right)
"""
