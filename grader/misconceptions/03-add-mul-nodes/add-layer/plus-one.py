"""The local derivative is added to dout.

The chain rule joins the local derivative and the upstream gradient in another way than the
node joins its inputs. See unit 03, section 'Add passes on'.
"""


class AddLayer:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        dx = dout + 1
        dy = dout + 1
        return dx, dy
