"""The mask is a second name for x, so making it destroys x.

No copy was taken: writing ones and zeros into ``mask`` writes them into ``x``, and the output is
then computed from the ruins. See unit 04, section 'In-place traps'.
"""


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        mask = x
        mask[mask > 0] = 1
        mask[mask <= 0] = 0
        self.mask = mask
        return x * mask

    def backward(self, dout):
        return dout * self.mask
