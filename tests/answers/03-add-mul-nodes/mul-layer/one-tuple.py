"""Keeps both inputs in one tuple, without an __init__."""


class MulLayer:
    def forward(self, x, y):
        self.cache = x, y
        return x * y

    def backward(self, dout):
        x, y = self.cache
        return y * dout, x * dout
