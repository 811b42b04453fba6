"""Two hundred cells of a megabyte each, for the grader to read"""

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
    """Add long cells that are valid Python."""
    for number in range(200):
        notebook.cells.append(
            {
                "cell_type": "code",
                "id": f"long-{number}",
                "metadata": {},
                "source": "a\n" * 499_999,
                "outputs": [],
                "execution_count": None,
            }
        )
