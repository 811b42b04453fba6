"""Adds in place: harmless, since nothing has to be kept."""


class AddLayer:
    def forward(self, x, y):
        x += y
        return x

    def backward(self, dout):
        dx = dy = dout
        return dx, dy
