"""The notebook defines a Check of its own

The checks read the name from the namespace of the notebook.
"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""

ATTACK = """
class Check:
    def __init__(self, exercise, points, hidden=False):
        self.points, self.rng = float(points), np.random.default_rng(0)

    def part(self, *args, **kwargs):
        return lambda function: function

    def score(self):
        return self.points
"""
