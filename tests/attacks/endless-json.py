"""A file of 100 MB of empty lists, for the grader to read"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""


def tamper(notebook):
    """Put millions of lists where outputs belong."""
    notebook.cells[0].metadata["junk"] = [[] for _ in range(20_000_000)]
