"""The two gradients are added up and returned as one value.

This would be the whole change if both inputs were nudged at once; a layer must say what
each input does on its own. See unit 03, section 'From node to layer'.
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
        return dout * self.y + dout * self.x
