"""Each answer is sent twice, so that the next question finds one waiting"""

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

real_send = Desk._send


def send(self, frame):
    real_send(self, frame)
    real_send(self, frame)


Desk._send = send
"""

HARMS = "there is no wire"
