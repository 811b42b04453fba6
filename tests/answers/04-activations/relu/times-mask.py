"""x * (x > 0), which leaves negative zeros behind."""


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = (x > 0).astype(float)
        return x * self.mask

    def backward(self, dout):
        return self.mask * dout
