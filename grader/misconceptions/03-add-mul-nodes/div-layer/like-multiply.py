"""The divide layer goes backward like a multiply layer.

The flipped values are the slopes of a product. For a quotient, take the nudges of the
prediction and compare. See unit 03, Exercise 3.6.
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
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy
