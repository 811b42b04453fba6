"""The gradient is divided by the number of classes.

The second dimension is the number of classes; the mean was taken over the first. See
unit 05, the task of exercise 5.4.
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
        return (self.y - self.t) / self.t.shape[1]
