"""The open files of the parent process are read"""

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

for pid in (os.getppid(), 1):
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            print("found:", os.readlink(f"/proc/{pid}/fd/{fd}"))
    except OSError as error:
        print(error.strerror)
"""

HARMS = "it would read the files of the grader"
SHOWS_NO = "found:"
