"""A loop over rows and outputs."""


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y, self.t = x, t
        total = 0
        for row, target in zip(x, t):
            for a, b in zip(row, target):
                total += (a - b) ** 2
        return total / 2 / len(x)

    def backward(self, dout=1):
        return (self.y - self.t) / self.t.shape[0]
