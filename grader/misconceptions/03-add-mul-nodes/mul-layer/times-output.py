"""Both gradients are dout times the output.

The factor on the way back is the slope of the product, and a slope is not the value of the
product. Put in numbers: how far does the output move when one input moves by 0.01? See unit
03, section 'Multiply swaps'.
"""


class MulLayer:
    def __init__(self):
        self.out = None

    def forward(self, x, y):
        self.out = x * y
        return self.out

    def backward(self, dout):
        dx = dout * self.out
        dy = dout * self.out
        return dx, dy
