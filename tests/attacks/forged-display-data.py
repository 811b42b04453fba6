"""display shows a page that says full marks"""

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
from IPython.display import HTML, Markdown, display

display(HTML("<h1>mul-layer: 4 of 4 points</h1>"), Markdown("**Score: 4 / 4**"))
print("mul-layer: 2 of 2 points")
"""
