"""The add layer goes backward like a multiply layer.

The flipped inputs are the slopes of a product. The slope of a sum does not depend on where
the inputs stand. See unit 03, section 'What each node must remember'.
"""


class AddLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        return x + y

    def backward(self, dout):
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy
