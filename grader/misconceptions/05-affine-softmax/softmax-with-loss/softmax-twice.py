"""softmax is applied twice.

Once the row holds probabilities, another softmax flattens them. One of the two calls is too
many. See unit 05, section 'Two nodes, one short gradient'.
"""


class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(softmax(x))
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = (self.y - self.t) / batch_size
        return dx
