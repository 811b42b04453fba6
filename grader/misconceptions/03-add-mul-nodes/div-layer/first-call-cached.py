"""The inputs of the first call are kept for ever.

A layer is used again for each new batch of numbers, so each forward has to replace what the
one before it saved. See the prediction in unit 03, section 'From node to layer'.
"""


class DivLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        if self.x is None:
            self.x = x
        if self.y is None:
            self.y = y
        return x / y

    def backward(self, dout):
        dx = dout / self.y
        dy = -dout * self.x / self.y**2
        return dx, dy
