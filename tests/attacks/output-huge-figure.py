"""A figure of 100 megapixels"""

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
import matplotlib.pyplot as plt

plt.figure(figsize=(100, 100), dpi=100)
plt.plot([1, 2])
plt.show()
"""

HARMS = "it would use up the machine"
