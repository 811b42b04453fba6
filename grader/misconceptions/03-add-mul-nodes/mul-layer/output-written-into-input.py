"""On arrays the product overwrites the stored input.

An operator such as *= changes the array itself, and self.x is a second name for the same
array. Plain numbers hide this, because they are replaced and not changed. See unit 03,
section 'What each node must remember'.
"""


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        x *= y
        return x

    def backward(self, dout):
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy
