"""The gradient leaves out the target.

This is only the part that comes from the sum of the powers. The true class has a second
term, without which all scores would always be pushed down. See unit 05, section 'Two nodes,
one short gradient'.
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
        return self.y / self.t.shape[0]
