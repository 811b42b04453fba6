"""Memory in several processes, each of them below its own limit"""

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
import time

for _ in range(8):
    if os.fork() == 0:
        hoard = [bytes([1]) * (1 << 20) for _ in range(100)]
        time.sleep(3600)
time.sleep(3600)
"""

HARMS = "it would use up the machine"
LIMITS = {"memory_mb": 200}
