"""The gradients have a minus sign in front.

A layer reports the slope as it is. Going downhill needs a minus later, in the update of the
weights, not here. See unit 03, section 'Multiply swaps'.
"""


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        return x * y

    def backward(self, dout):
        dx = -dout * self.y
        dy = -dout * self.x
        return dx, dy
