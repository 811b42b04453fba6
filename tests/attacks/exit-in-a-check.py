"""SystemExit and KeyboardInterrupt are raised through the check"""

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
def leave(self, *args):
    raise KeyboardInterrupt


MulLayer.forward = leave
MulLayer.backward = lambda self, dout: exit()
"""
