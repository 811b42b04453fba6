"""The two gradients come back in the wrong order.

The pair must be in the order in which the inputs came, so that the caller knows which is
whose. See unit 03, section 'From node to layer'.
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
        dy = -dout * self.x / self.y**2
        return dy, dx
