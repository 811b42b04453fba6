"""The gradient passes where the gate was closed.

The mask marks the closed gates, and ``backward`` reads it as if it marked the open ones. Take one
positive x and follow its gradient by hand. See unit 04, section 'ReLU: a gate'.
"""


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout * self.mask
        return dx
