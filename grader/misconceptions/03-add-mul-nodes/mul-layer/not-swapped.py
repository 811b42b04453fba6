"""Each input is multiplied by its own forward value.

The slope with respect to x was read off x itself. Nudge x by a little while y stays still
and look at how far the product moves: it is not x that sets the pace. See unit 03, section
'Multiply swaps'.

Same as: returned-swapped.
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
        dx = dout * self.x
        dy = dout * self.y
        return dx, dy
