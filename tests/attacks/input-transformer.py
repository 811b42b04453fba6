"""An IPython input transformer replaces the source of each check"""

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
import re


def forge(lines):
    text = "".join(lines)
    points = re.search(r"Check\(.*points=(\d+)", text)
    return [f"{points[1]}.0\n"] if points else lines


get_ipython().input_transformers_cleanup.append(forge)
"""
