"""All divide layers share one memory.

What is written on the class, and not on self, is the same for every object of the class:
the layer that ran last overwrites what the others saved. See the prediction in unit 03,
section 'From node to layer'.
"""


class DivLayer:
    def forward(self, x, y):
        DivLayer.x = x
        DivLayer.y = y
        return x / y

    def backward(self, dout):
        dx = dout / DivLayer.y
        dy = -dout * DivLayer.x / DivLayer.y**2
        return dx, dy
