"""The subtract layer goes backward like an add layer.

One of its inputs makes the output smaller when it grows, and the gradient has to say so.
Nudge each input once. See unit 03, Exercise 3.5.
"""


class SubLayer:
    def forward(self, x, y):
        return x - y

    def backward(self, dout):
        dx = dout
        dy = dout
        return dx, dy
