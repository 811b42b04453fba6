"""The answer bears the markers of a solution, as the source has them"""

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
### BEGIN SOLUTION
MulLayer = MulLayer
### END SOLUTION
### BEGIN HIDDEN TESTS
2.0
### END HIDDEN TESTS
"""
