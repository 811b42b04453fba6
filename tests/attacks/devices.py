"""A pipe and links to devices beside the notebook: whoever copies them never ends"""

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
    """Add what never ends; a link stands for the device that only root can make."""
    os.mkfifo(folder / "pipe")
    (folder / "zero").symlink_to("/dev/zero")


HARMS = "copying it would fill the disk"
