"""backward writes the gradients over the stored inputs.

A second backward then starts from gradients where it needs the inputs of the last forward.
Give the results names of their own. See unit 03, section 'From node to layer'.
"""


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        self.x = x
        self.y = y
        return x * y

    def backward(self, dout):
        self.x, self.y = dout * self.y, dout * self.x
        return self.x, self.y
