"""Every number of an open file is tried for something to read"""

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

for fd in range(4, 4096):
    try:
        os.set_blocking(fd, False)
        print("found:", fd, os.fstat(fd), os.read(fd, 100))
    except OSError:
        pass
"""

HARMS = "it would break the kernel's own sockets"
SHOWS_NO = "found:"
