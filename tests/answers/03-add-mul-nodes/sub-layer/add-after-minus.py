"""An add node whose second input has its sign turned, on both ways."""


class SubLayer:
    def forward(self, x, y):
        return x + (-y)

    def backward(self, dout):
        dx = dout
        dminus_y = dout
        return dx, -dminus_y
