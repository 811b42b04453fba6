"""The two gradients are right but come back in the wrong order.

The pair must be in the order in which the inputs came, so that the caller knows which is
whose. The values are swapped once by the formula; a second swap at the return undoes it.
See unit 03, section 'From node to layer'.

Same as: not-swapped.
"""


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        out = x * y
        return out

    def backward(self, dout):
        dx = dout * self.y
        dy = dout * self.x
        return dy, dx
