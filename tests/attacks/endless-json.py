"""A file of 100 MB of empty lists, for the grader to read"""

import json

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

HARMS = "it would use up the machine"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""


def tamper(notebook):
    """Put millions of lists into the metadata."""
    notebook.cells[0].metadata["junk"] = "LISTS"
    return json.dumps(notebook).replace('"LISTS"', "[" + "[]," * 30_000_000 + "[]]")
