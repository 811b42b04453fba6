"""A pre_run_cell hook patches the check just before it runs"""

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
def forge(info):
    import course.check

    course.check.Check.score = lambda check: check.points


get_ipython().events.register("pre_run_cell", forge)
"""
