"""NaN and infinity, which a careless comparison lets through"""

UNIT, EXERCISE = "04-activations", "relu"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
Relu.forward = lambda self, x: np.full(np.shape(x), np.nan)
Relu.backward = lambda self, dout: np.full(np.shape(dout), np.inf)
"""
