"""A multiply layer on x and 1 / y, then the chain rule."""


class DivLayer:
    def __init__(self):
        self.mul = MulLayer()
        self.y = None

    def forward(self, x, y):
        self.y = y
        return self.mul.forward(x, 1 / y)

    def backward(self, dout):
        dx, dinverse = self.mul.backward(dout)
        return dx, dinverse * -1 / self.y**2
