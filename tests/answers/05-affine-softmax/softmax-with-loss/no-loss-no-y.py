"""No self.loss and no self.y: a cache of the gradient."""


class SoftmaxWithLoss:
    def __init__(self):
        self.cache = None

    def forward(self, x, t):
        y = softmax(x)
        self.cache = (y - t) / x.shape[0]
        return cross_entropy_error(y, t)

    def backward(self, dout=1):
        return self.cache * dout
