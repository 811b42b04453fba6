"""The derivative is nudged and not derived

It is nearly right, so some parts give points; the parts that compare with the formula see it.
"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        h = 1e-5
        dx = ((self.x + h) * self.y - (self.x - h) * self.y) / (2 * h)
        dy = (self.x * (self.y + h) - self.x * (self.y - h)) / (2 * h)
        return dout * dx, dout * dy
"""

SAYS = "is it a formula?"
