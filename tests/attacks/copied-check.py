"""Each check cell is there twice, once with a score in it"""

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
    """Put a copy after each check cell."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cells.append(type(cell)(cell, source="2.0", id=cell["id"] + "-copy"))
    notebook.cells = cells
