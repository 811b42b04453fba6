"""The notebook is a symbolic link to another student's"""

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
    """Hand in a link."""
    notebook = folder / f"{UNIT}.ipynb"
    notebook.unlink()
    notebook.symlink_to(f"../../alice/{UNIT}/{UNIT}.ipynb")
