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
def forge(lines):
    text = "".join(lines)
    return ["2.0\n"] if "check.score()" in text else lines


get_ipython().input_transformers_cleanup.append(forge)
"""
