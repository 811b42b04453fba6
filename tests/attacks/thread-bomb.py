"""Threads without end"""

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
import threading
import time

while True:
    threading.Thread(target=time.sleep, args=(3600,)).start()
"""

HARMS = "it would use up the machine"
