"""The parent process is killed"""

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
import os
import signal

os.kill(os.getppid(), signal.SIGKILL)
"""

HARMS = "it would end the grader"
