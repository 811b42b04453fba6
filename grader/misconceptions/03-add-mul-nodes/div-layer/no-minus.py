"""The gradient for the divisor has the wrong sign.

Share 6 among more people: does each get more or less? The size is right, the direction is
not. See the prediction in unit 03, Exercise 3.6.
"""


class DivLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        return x / y

    def backward(self, dout):
        dx = dout / self.y
        dy = dout * self.x / self.y**2
        return dx, dy
