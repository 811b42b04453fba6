"""The session makes itself root of a new namespace and mounts things"""

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
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for flags in (0x10000000, 0x00020000, 0x10020000, 0x40000000):
    print(libc.unshare(flags), os.strerror(ctypes.get_errno()))
print(libc.mount(b"proc", b"/tmp", b"proc", 0, None), os.strerror(ctypes.get_errno()))
print(libc.ptrace(16, os.getppid(), 0, 0), os.strerror(ctypes.get_errno()))
print("processes:", [p for p in os.listdir("/proc") if p.isdigit()])
"""

HARMS = "it asks the kernel for rights"
SHOWS_NO = "'1'"
