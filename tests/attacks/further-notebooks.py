"""Further notebooks beside the right one: the grader's, the gradebook's names"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""


def hand_in(folder):
    """Add notebooks that no unit has, and one of another unit."""
    text = (folder / f"{UNIT}.ipynb").read_text()
    for name in (f"{UNIT}-Copy1", "01-computational-graph", "..", "a b"):
        (folder / f"{name}.ipynb").write_text(text)
