"""A cell that brings Python's parser down"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

HARMS = "it takes a minute"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""


def tamper(notebook):
    """Add cells that nest too deep for a parser."""
    for number, text in enumerate(
        [
            "-" * 200_000 + "1",
            "(" * 200_000,
            "a" + ".b" * 100_000,
            "1" + "+1" * 100_000,
            "[" * 150 + "]" * 150,
            "x\0y",
        ]
    ):
        notebook.cells.append(
            {
                "cell_type": "code",
                "id": f"deep-{number}",
                "metadata": {},
                "source": text,
                "outputs": [],
                "execution_count": None,
            }
        )
