"""Files without number"""

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
for number in range(10**9):
    open(f"bomb-{number}", "w").close()
"""

HARMS = "it would use up the machine"
