"""The gradient is twice too large.

A factor of 2 comes from differentiating a square. There is no square in cross entropy, and
for the squared error a one half undoes it. See unit 05, section 'Pairs by design'.
"""


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def backward(self, dout=1):
        return 2 * (self.y - self.t) / self.t.shape[0]
