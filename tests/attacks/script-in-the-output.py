"""A cell shows a script that would set grades from the instructor's browser"""

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
from IPython.display import HTML, display

display(HTML("<script>fetch('/formgrader/api/grades', {method: 'PUT'})</script>"))
"""
