"""Metadata that is nested hundreds of levels deep"""

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
    """Nest dicts in the metadata."""
    deep = {}
    for _ in range(800):
        deep = {"a": deep}
    notebook.cells[0].metadata["course"] = deep
    notebook.metadata["course"] = deep
