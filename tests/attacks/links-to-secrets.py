"""Links beside the notebook: to the gradebook, to the source, to the whole disk"""

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
    """Add links, which a grader that copies folders follows."""
    (folder / "book.db").symlink_to("../../../gradebook.db")
    (folder / "source").symlink_to("../../../source")
    (folder / "secret.txt").symlink_to("/etc/hostname")
    (folder / "nowhere").symlink_to("/no/such/file")
