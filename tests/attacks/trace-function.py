"""sys.settrace rewrites the check while it runs

A trace function sees every frame of the process, the hidden check's among them.
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
import sys
import threading


def trace(frame, event, argument):
    if frame.f_code.co_name == "score" and "self" in frame.f_locals:
        check = frame.f_locals["self"]
        check.results[:] = []
        check.part("forged")(lambda: None)
    return trace


sys.settrace(trace)
threading.settrace(trace)
"""
