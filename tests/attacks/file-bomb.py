"""A file without end"""

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
with open("bomb", "wb") as file:
    while True:
        file.write(bytes(1 << 20))
"""

HARMS = "it would use up the machine"
