"""The gradient for the divisor forgets the numerator.

Only 1/y was derived, but the node divides x, and a larger x makes every nudge of y count
for more. See unit 03, Exercise 3.6.
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
        dy = -dout / self.y**2
        return dx, dy
