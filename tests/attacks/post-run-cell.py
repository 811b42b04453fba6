"""A post_run_cell hook shows a score after the check has shown its own"""

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
def forge(result):
    if result.result is not None:
        get_ipython().displayhook(check.points)


get_ipython().events.register("post_run_cell", forge)
"""
