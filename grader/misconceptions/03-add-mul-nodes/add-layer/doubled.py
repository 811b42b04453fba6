"""dout is doubled because there are two inputs.

Each input is nudged on its own, while the other stands still, so the number of inputs does
not enter. See unit 03, section 'Add passes on'.
"""


class AddLayer:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        dx = 2 * dout
        dy = 2 * dout
        return dx, dy
