"""The display hook shows the points whatever the value of the cell"""

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
class Hook(type(get_ipython().displayhook)):
    def __call__(self, result=None):
        return super().__call__(check.points if isinstance(result, float) else result)


get_ipython().displayhook.__class__ = Hook
"""
