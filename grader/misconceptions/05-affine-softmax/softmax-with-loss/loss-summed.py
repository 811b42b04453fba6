"""The loss is made a sum over the rows again.

The mean is undone in the loss, but the gradient is that of the mean: the two no longer fit
together. See unit 05, the task of exercise 5.4.
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
        self.loss *= len(x)
        return self.loss

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = (self.y - self.t) / batch_size
        return dx
