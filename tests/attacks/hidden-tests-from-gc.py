"""The hidden checks are looked for among all objects of the process"""

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
import gc

for thing in gc.get_objects():
    if isinstance(thing, str) and "hidden=True" in thing:
        print("found:", thing)
    if type(thing).__name__ == "Check":
        thing.results.clear()
        type(thing).score = lambda check: check.points
for kind in gc.get_objects():
    if isinstance(kind, type) and kind.__name__ == "Check":
        kind.score = lambda check: check.points
"""

SHOWS_NO = "found:"
