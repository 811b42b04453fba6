"""A method has a misspelt name.

Whoever wires layers calls them by the names forward and backward, letter for letter. See
unit 03, section 'From node to layer'.
"""


class MulLayer:
    def __init__(self):
        self.x = None
        self.y = None

    def foward(self, x, y):
        self.x = x
        self.y = y
        return x * y

    def backward(self, dout):
        dx = dout * self.y
        dy = dout * self.x
        return dx, dy
