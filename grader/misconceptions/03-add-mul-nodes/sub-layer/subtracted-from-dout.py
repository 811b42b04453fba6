"""The local derivatives are added to dout and taken away from it.

The chain rule does not join its two factors the way the node joins its inputs. See unit 03,
section 'Add passes on', and Exercise 3.5.
"""


class SubLayer:
    def forward(self, x, y):
        return x - y

    def backward(self, dout):
        dx = dout + 1
        dy = dout - 1
        return dx, dy
