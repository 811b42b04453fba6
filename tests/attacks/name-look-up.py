"""A reserved name that does not exist is looked up"""

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
import socket

try:
    print("found:", socket.getaddrinfo("answers.invalid", 80))
except OSError as error:
    print(error)
"""

SHOWS_NO = "found:"
HARMS = "it would reach the network"
