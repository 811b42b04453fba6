"""forward computes its output and does not return it.

A value that is only stored or printed does not reach the next layer. See unit 03, section
'From node to layer'.
"""


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        self.out = x * y
        print(self.out)

    def backward(self, dout):
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy
