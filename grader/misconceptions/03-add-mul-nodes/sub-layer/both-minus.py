"""Both gradients carry a minus sign.

Not every input of a subtraction is taken away. Nudge each of the two and watch which way
the output goes. See unit 03, Exercise 3.5.
"""


class SubLayer:
    def forward(self, x, y):
        return x - y

    def backward(self, dout):
        return -dout, -dout
