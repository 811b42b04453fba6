"""The check cells come with outputs that show full marks"""

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
    """Give each check cell the outputs of a check that was passed."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            data = {"text/plain": "2.0"}
            cell.outputs = [
                {
                    "output_type": "execute_result",
                    "data": data,
                    "metadata": {},
                    "execution_count": 1,
                }
            ]
