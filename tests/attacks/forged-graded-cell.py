"""A cell of the student's own claims to be a check worth 100 points"""

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
    """Add a graded cell."""
    forged = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade"))
    forged = type(forged)(forged, source="100.0", id="forged")
    forged["metadata"] = {
        "nbgrader": {
            "cell_type": "code",
            "grade": True,
            "grade_id": "forged",
            "locked": False,
            "points": 100,
            "schema_version": 3,
            "solution": False,
            "task": False,
        }
    }
    notebook.cells.append(forged)
