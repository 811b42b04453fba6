"""The session's end of the wire says what the check would like to hear

A forged end can send any plain data and nothing else; that the answer is right it cannot say.
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
from grader.inside.objects import Desk


def do_call(self, function, arguments, named):
    return True


for name in ("do_call", "do_length", "do_contains"):
    setattr(Desk, name, do_call)
Desk.do_call_and_inputs = lambda self, function, arguments: (True, arguments)
"""

HARMS = "there is no wire"
