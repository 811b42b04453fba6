"""Each answer is a list of 190 000 short texts"""

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
MulLayer.forward = MulLayer.backward = lambda self, *args: [str(n) for n in range(190_000)]
"""

HARMS = "its output would fill the feedback"
