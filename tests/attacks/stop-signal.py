"""The process stops itself with SIGSTOP and never answers"""

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

os.kill(os.getpid(), signal.SIGSTOP)
"""

HARMS = "it would hang until its time limit"
