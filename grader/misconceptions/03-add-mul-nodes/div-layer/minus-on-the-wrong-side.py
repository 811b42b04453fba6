"""The minus sign is on the wrong gradient.

One input makes the quotient of two positive numbers grow, the other makes it shrink. Find
out which is which with one nudge each. See unit 03, Exercise 3.6.
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
        dx = -dout / self.y
        dy = dout * self.x / self.y**2
        return dx, dy
