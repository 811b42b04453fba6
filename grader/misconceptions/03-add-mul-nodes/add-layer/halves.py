"""dout is split in half between the two inputs.

A gradient is not a quantity to be shared out. Nudge one input alone: does all of the nudge
reach the sum, or half of it? See unit 03, section 'Add passes on'.
"""


class AddLayer:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        dx = dout / 2
        dy = dout / 2
        return dx, dy
