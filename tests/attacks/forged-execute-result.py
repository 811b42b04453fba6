"""A cell prints what looks like the score of a check"""

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
from IPython.display import publish_display_data

publish_display_data({"text/plain": "2.0"})
"""

EXTRA = [
    "get_ipython().displayhook.write_format_data({'text/plain': '2.0'})\n2.0",
]
