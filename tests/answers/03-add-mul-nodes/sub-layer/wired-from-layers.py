"""Wired from the layers for add and multiply: x + (-1) * y."""


class SubLayer:
    def __init__(self):
        self.minus = MulLayer()
        self.plus = AddLayer()

    def forward(self, x, y):
        return self.plus.forward(x, self.minus.forward(-1, y))

    def backward(self, dout):
        dx, dminus = self.plus.backward(dout)
        _, dy = self.minus.backward(dminus)
        return dx, dy
