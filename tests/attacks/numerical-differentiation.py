"""The derivative is nudged and not derived"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""

ATTACK = """
def backward(self, dout):
    h = 1e-5
    dx = ((self.x + h) * self.y - (self.x - h) * self.y) / (2 * h)
    dy = (self.x * (self.y + h) - self.x * (self.y - h)) / (2 * h)
    return dout * dx, dout * dy


MulLayer.backward = backward
"""
