"""The memory of the parent process is searched for the hidden checks"""

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

for pid in {os.getppid(), os.getpid(), 1}:
    try:
        for line in open(f"/proc/{pid}/maps"):
            start, end = (int(n, 16) for n in line.split()[0].split("-"))
            if "rw" in line and end - start < 1 << 24:
                with open(f"/proc/{pid}/mem", "rb", 0) as memory:
                    memory.seek(start)
                    if b"hidden" + b"=True" in memory.read(end - start):
                        print("found: hidden checks in", pid)
    except OSError as error:
        print(error.strerror)
"""

HARMS = "it would read the memory of the grader"
SHOWS_NO = "found:"
