"""The slopes are measured by small nudges.

Close, but only roughly right. The exercise wants the formula, which is exact and takes no
second division. See unit 03, Exercise 3.6.
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
        h = 1e-4
        dx = dout * ((self.x + h) / self.y - (self.x - h) / self.y) / (2 * h)
        dy = dout * (self.x / (self.y + h) - self.x / (self.y - h)) / (2 * h)
        return dx, dy
