"""The gradients lose their sign.

A gradient says how strongly and also which way: a negative factor turns the direction
round, and that must reach the inputs. See unit 03, section 'Multiply swaps'.
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
        dx = abs(dout * self.y)
        dy = abs(dout * self.x)
        return dx, dy
