"""Softmax is treated as if each score stood alone.

The local derivative of a sigmoid was used for each class by itself. In softmax every share
depends on every score of its row, so there are more paths back to a score. See unit 05,
section 'Two nodes, one short gradient'.

Same as: true-class-only.
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
        dy = -self.t / self.y / self.t.shape[0]
        return dy * self.y * (1 - self.y)
