"""The gradient is found by nudging.

For squares a central difference is right up to rounding, but a small error drowns in a loss
that holds large ones, and each output costs two more losses. The derivative of one square is
a short formula: derive it. See unit 05, section 'Pairs by design'.
"""

import numpy as np


class IdentityWithLoss:
    def __init__(self):
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.y = x
        self.t = t
        return self.loss(x)

    def loss(self, y):
        return np.sum((y - self.t) ** 2) / (2 * y.shape[0])

    def backward(self, dout=1):
        dx = np.zeros_like(self.y)
        for place in np.ndindex(dx.shape):
            up, down = self.y.copy(), self.y.copy()
            up[place] += 1.0
            down[place] -= 1.0
            dx[place] = (self.loss(up) - self.loss(down)) / 2.0
        return dx
