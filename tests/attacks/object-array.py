"""An array of objects that are equal to every number"""

UNIT, EXERCISE = "04-activations", "relu"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
class Right:
    def __float__(self):
        return 0.0

    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __add__ = __mul__ = __sub__


def backward(self, dout):
    result = np.empty(np.shape(dout), dtype=object)
    result[...] = Right()
    return result


Relu.backward = backward
"""
