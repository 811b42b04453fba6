"""The output is 0 or 1 and nothing in between.

A hard step is flat nearly everywhere, so no gradient could pass it. The sigmoid is its soft
version, and most of its outputs lie between 0 and 1. See the table in unit 04, section
'Sigmoid: a soft gate'.
"""


class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = (x > 0).astype(float)
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)
