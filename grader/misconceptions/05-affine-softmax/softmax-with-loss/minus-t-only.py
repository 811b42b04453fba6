"""The gradient leaves out the probabilities.

This pushes the true score up for ever, however right it is already. The part that comes
from the sum of the powers is missing. See unit 05, section 'Two nodes, one short gradient'.
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
        return -self.t / self.t.shape[0]
