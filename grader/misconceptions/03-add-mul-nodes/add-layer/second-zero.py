"""The second input gets no gradient.

Both inputs move the sum, and neither is the main one: nudge y and watch. See unit 03,
section 'Add passes on'.
"""


class AddLayer:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        dx = dout
        dy = dout * 0
        return dx, dy
