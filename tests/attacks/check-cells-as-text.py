"""The check cells are turned into Markdown, which a person has to grade"""

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
    """Change the type of the check cells."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.cell_type = cell.metadata.nbgrader.cell_type = "markdown"
            cell.metadata.nbgrader.solution = True
            del cell["outputs"], cell["execution_count"]
