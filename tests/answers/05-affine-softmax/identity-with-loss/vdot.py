"""A product of the flattened difference with itself."""


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        e = (x - t).ravel()
        self.dx = (x - t) / len(x)
        return e @ e / (2 * len(x))

    def backward(self, dout=1):
        return self.dx.copy()
