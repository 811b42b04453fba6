"""The gradients of all calls are added up.

Each backward belongs to the last forward alone. Adding is right where one value feeds
several nodes, and there the graph does it, not the layer. See unit 03, section 'From node
to layer'.
"""


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None
        self.dx = 0
        self.dy = 0

    def forward(self, x, y):
        self.x = x
        self.y = y
        return x * y

    def backward(self, dout):
        self.dx = self.dx + dout * self.y
        self.dy = self.dy + dout * self.x
        return self.dx, self.dy
