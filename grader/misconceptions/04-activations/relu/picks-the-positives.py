"""The negative numbers are dropped, not set to zero.

Indexing with a mask picks elements and forgets the shape, so the next layer would get a flat array
of another length. Every element keeps its place in an activation. See the cell on rain in unit 04,
section 'Why the mask must be kept'.
"""


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x > 0
        return x[self.mask]

    def backward(self, dout):
        return dout[self.mask]
