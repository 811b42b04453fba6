"""All signals are blocked before the loop begins"""

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
import signal

signal.pthread_sigmask(signal.SIG_SETMASK, signal.valid_signals())
while True:
    pass
"""

HARMS = "it would hang until its time limit"
