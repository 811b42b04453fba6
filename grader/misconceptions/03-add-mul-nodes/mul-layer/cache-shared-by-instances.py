"""All multiply layers share one memory.

What is written on the class, and not on self, is the same for every object of the class:
the layer that ran last overwrites what the others saved. See the prediction in unit 03,
section 'From node to layer'.

Same as: cache-in-globals.
"""


class MulLayer:
    cache = {}

    def forward(self, x, y):
        self.cache["x"] = x
        self.cache["y"] = y
        return x * y

    def backward(self, dout):
        dx = dout * self.cache["y"]
        dy = dout * self.cache["x"]
        return dx, dy
