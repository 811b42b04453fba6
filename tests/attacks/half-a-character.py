"""Half a surrogate pair in a cell, an id and the metadata: no file can hold it"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""

ATTACK = r"""
text = "\ud800"
"""


def tamper(notebook):
    """Put it into a text cell and into metadata as well."""
    lone = chr(0xD800)
    notebook.cells[0].source = f"{lone} = 1"
    for cell in notebook.cells:
        cell.metadata["course"] = {"lang": lone, lone: lone}
    notebook.metadata["course"] = {"unit": lone}
