"""The output is stored in the place of an input.

By the time self.x was written, x was no longer the input. Save first, or give the product
another name. See unit 03, section 'What each node must remember'.

Same as: dout-changed-in-between.
"""


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        x = x * y
        self.x = x
        self.y = y
        return x

    def backward(self, dout):
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy
