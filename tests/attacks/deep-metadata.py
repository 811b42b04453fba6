"""Metadata that is nested hundreds of levels deep"""

import json

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
    """Nest dicts in the metadata of a cell and of the notebook."""
    notebook.cells[0].metadata["course"] = notebook.metadata["course"] = "DEEP"
    deep = '{"a": ' * 800 + "{}" + "}" * 800
    return json.dumps(notebook).replace('"DEEP"', deep)
