"""Two hundred cells of a megabyte each, for the grader to read"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

HARMS = "it would use up the machine"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""


def tamper(notebook):
    """Add long cells that are valid Python, and take away all ids, so that they are searched."""
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        cell["id"] = "x" + cell["id"]
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
