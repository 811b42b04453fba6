"""A time stamp from the future, and one that is none"""

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
    """Replace the time stamp."""
    (folder / "timestamp.txt").write_bytes(b"\xff not a date")
