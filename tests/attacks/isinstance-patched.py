"""builtins.isinstance turns what is judged into what is wanted

The patched function looks up the stack for the expected array and copies it into the answer.
"""

UNIT, EXERCISE = "04-activations", "relu"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
import builtins
import sys

real_isinstance = isinstance


def isinstance_(value, kinds):
    frame = sys._getframe(1)
    if frame.f_code.co_name == "plain_array" and "expected" in frame.f_back.f_locals:
        got, expected = frame.f_locals["value"], frame.f_back.f_locals["expected"]
        if type(got) is np.ndarray and got.shape == np.shape(expected):
            got[...] = expected
    return real_isinstance(value, kinds)


builtins.isinstance = isinstance_
"""
