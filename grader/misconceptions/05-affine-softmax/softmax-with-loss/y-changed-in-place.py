"""backward changes the stored probabilities.

A second name for an array is not a second array. What forward has kept is spoilt, as a
second backward shows. Work on something new. See unit 05, hint 3 of exercise 5.4.
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
        dx = self.y
        dx -= self.t
        return dx / self.t.shape[0]
