"""The notebook is a pipe that nobody writes to"""

import os

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
    """Put a pipe in the place of the notebook."""
    (folder / f"{UNIT}.ipynb").unlink()
    os.mkfifo(folder / f"{UNIT}.ipynb")


HARMS = "reading it would never end"
