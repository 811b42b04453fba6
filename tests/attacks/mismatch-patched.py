"""course.facts finds nothing wrong with any value"""

UNIT, EXERCISE = "04-activations", "relu"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
import course.facts

course.facts.mismatch = lambda *args, **kwargs: None
"""
