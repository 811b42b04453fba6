"""Metadata of the wrong kind everywhere, to make the grader stumble"""

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
    """Put numbers, nothing and lists where dicts, texts and lists of texts belong."""
    odd = [None, 5, "x", [], {}, [None], {"a": None}, True]
    for count in range(64):
        metadata = {
            "tags": odd[count % 8],
            "nbgrader": odd[count // 8],
            "course": odd[count % 8],
            "collapsed": odd[count % 8],
            "name": odd[count // 8],
            "slideshow": odd[count % 8],
        }
        notebook.cells.append(
            {
                "cell_type": "code",
                "id": f"odd-{count}",
                "metadata": metadata,
                "source": "1",
                "outputs": [],
                "execution_count": None,
            }
        )
    notebook.metadata = {"course": {"unit": ["03"]}, "kernelspec": {"name": "../../bin/sh"}}
