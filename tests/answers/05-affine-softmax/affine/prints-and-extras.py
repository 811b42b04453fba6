"""Prints inside the methods, and a call method besides."""


class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = None
        self.db = None

    def forward(self, x):
        print("forward", x.shape)
        self.x = x.copy()
        self.out = x.dot(self.W)
        self.out += self.b
        return self.out

    def backward(self, dout):
        print("backward", dout.shape)
        self.dx = dout.dot(self.W.T)
        self.dW = self.x.T.dot(dout)
        self.db = dout.sum(0)
        return self.dx

    def __call__(self, x):
        return self.forward(x)
