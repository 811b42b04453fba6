"""The probabilities of the first batch are kept for ever.

backward belongs to the last forward, so both things that it is made of must be replaced at
each call. See unit 03 on what a layer remembers.
"""


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        y = softmax(x)
        if self.y is None:
            self.y = y
        self.t = t
        self.loss = cross_entropy_error(y, t)
        return self.loss

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = (self.y - self.t) / batch_size
        return dx
