"""An answer that loops for ever"""

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
    while True:
        pass


MulLayer.backward = backward
"""

HARMS = "it would hang until its time limit"
