"""Keeps a list of local gradients and returns a list of two."""


class MulLayer:
    def __init__(self):
        self.local_grads = []

    def forward(self, x, y):
        self.local_grads = [y, x]
        return x * y

    def backward(self, dout):
        return [dout * local for local in self.local_grads]
