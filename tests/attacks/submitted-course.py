"""A folder course/ beside the notebook brings a check of its own"""

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
    """Put a package beside the notebook."""
    package = folder / "course"
    package.mkdir()
    (package / "__init__.py").write_text("from . import check, figures\n")
    (package / "figures.py").write_text("")
    (package / "check.py").write_text(CHECK)


CHECK = """
class Check:
    def __init__(self, exercise, points, hidden=False):
        self.points, self.rng = float(points), __import__("numpy").random.default_rng(0)

    def part(self, *args, **kwargs):
        return lambda function: function

    def score(self):
        return self.points


def call(function, *args):
    return function(*args)
"""
