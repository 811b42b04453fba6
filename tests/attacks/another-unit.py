"""The notebook claims to be a copy of another unit"""

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
    """Name another unit in the metadata."""
    notebook.metadata["course"] = {"unit": "01-computational-graph", "remote": ["MulLayer"]}
