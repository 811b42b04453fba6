"""An error with a message that is empty and true at once

A part passes when there is no reason why it failed.
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
class Silence(str):
    asked = 0

    def __bool__(self):
        Silence.asked += 1
        return Silence.asked % 2 == 1


class Unwritten(NotImplementedError):
    def __str__(self):
        return Silence("")


def refuse(self, *args):
    raise Unwritten()


MulLayer.forward = MulLayer.backward = refuse
"""
