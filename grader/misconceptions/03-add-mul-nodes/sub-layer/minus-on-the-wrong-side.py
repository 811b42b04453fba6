"""The minus sign is on the wrong gradient.

There is one minus, but it sits at the input that moves the output its own way. Nudge each
input once and watch the direction. See unit 03, Exercise 3.5.
"""


class SubLayer:
    def forward(self, x, y):
        return x - y

    def backward(self, dout):
        dx = -dout
        dy = dout
        return dx, dy
