"""forward adds the inputs where it should multiply them.

The class is the multiply node. The backward step fits it, so only the forward value is off.
See the table in unit 03, section 'What each node must remember'.
"""


class MulLayer:
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
