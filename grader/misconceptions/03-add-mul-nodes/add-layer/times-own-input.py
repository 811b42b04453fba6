"""dout is multiplied by the input itself.

How large an input is does not matter to a sum, only how far it is nudged. See unit 03,
section 'Add passes on', where 4 and 9 played no part.
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
        dx = dout * self.x
        dy = dout * self.y
        return dx, dy
