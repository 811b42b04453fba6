"""The answer cell bears the id of a check, and the check that of the answer"""

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
    """Exchange two ids."""
    cells = {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}
    answer, check = cells["mul-layer"], cells["mul-layer-hidden"]
    answer.metadata.nbgrader, check.metadata.nbgrader = (
        check.metadata.nbgrader,
        answer.metadata.nbgrader,
    )
    answer["id"], check["id"] = check["id"], answer["id"]
