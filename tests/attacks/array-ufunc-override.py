"""An answer that takes over arithmetic and comparison by __array_ufunc__"""

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
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [np.asarray(v) for v in inputs]
        result = getattr(ufunc, method)(*plain, **kwargs)
        return np.zeros_like(result) if ufunc is np.subtract else np.ones_like(result)


Relu.backward = lambda self, dout: np.asarray(dout).view(Right)
"""
