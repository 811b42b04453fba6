"""Each answer is a text of 60 MB

What a check was answered is kept for the diagnosis; that must not fill the grader's memory.
"""

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
MulLayer.forward = MulLayer.backward = lambda self, *args: "x" * 60_000_000
"""

HARMS = "its output would fill the feedback"
