"""A server on this machine is told the hidden probes and asked for the answer"""

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
    with socket.create_connection(("127.0.0.1", PORT), timeout=1) as line:
        line.sendall(b"probes")
        print("found:", line.recv(100))
except OSError as error:
    print(error)
"""

SHOWS_NO = "found:"
HARMS = "it would reach the network"
