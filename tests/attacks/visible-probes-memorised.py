"""The answers to the visible check are looked up in a table"""

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
def backward(self, dout):
    table = {"1.1": (2.2, 110.0), "[10. -1.  2.]": ([40.0, -5.0, -12.0], [10.0, 2.0, 6.0])}
    known = table.get(str(dout))
    return tuple(np.array(v) if type(v) is list else v for v in known) if known else (dout, dout)


MulLayer.backward = backward
"""

# The visible check shows its numbers, so that whoever copies them has its points.
JUDGED = "hidden"
