"""Tokens are read from the environment and shown"""

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

print({k: v for k, v in os.environ.items() if "TOKEN" in k or "SECRET" in k or "SEED" in k})
print(open("/proc/self/environ").read())
"""

SHOWS_NO = "token-of-the-instructor"
LIMITS = {}  # a server that is started when the token is there
