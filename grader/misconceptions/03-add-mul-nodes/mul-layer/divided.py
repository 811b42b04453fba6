"""dout is divided by the other input instead of being multiplied.

Going backward is not the same as undoing the forward step: nothing is inverted, small
changes are carried along. See unit 03, section 'Multiply swaps'.
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
        dx = dout / self.y
        dy = dout / self.x
        return dx, dy
