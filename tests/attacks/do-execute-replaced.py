"""The kernel's do_execute runs something else

In a session of ours there is no kernel; then the shell's own run_cell is replaced.
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

ATTACK = r"""
import re

shell = get_ipython()
real_run = shell.run_cell


def forged(source):
    points = re.search(r"Check\(.*points=(\d+)", source)
    return f"{points[1]}.0" if points else source


def forge(source, *args, **kwargs):
    return real_run(forged(source), *args, **kwargs)


if hasattr(shell, "kernel"):
    real_execute = shell.kernel.do_execute

    def do_execute(code, *args, **kwargs):
        return real_execute(forged(code), *args, **kwargs)

    shell.kernel.do_execute = do_execute
else:
    shell.run_cell = forge
"""
