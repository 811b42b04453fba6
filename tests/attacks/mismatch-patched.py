"""course.facts finds nothing wrong with any value"""

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
import course.facts

course.facts.mismatch = lambda *args, **kwargs: None
course.facts.facts = lambda *args, **kwargs: iter(())
"""
