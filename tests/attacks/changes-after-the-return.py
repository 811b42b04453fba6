"""A thread that rewrites the returned array while it is judged

The thread looks for the expected array among all objects of the process.
"""

UNIT, EXERCISE = "04-activations", "relu"

HARMS = "its result depends on chance"

WRONG = """
class Relu:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout  # no mask
"""

ATTACK = """
import gc
import sys
import threading
import time

given = []
real_backward = Relu.backward


def backward(self, dout):
    result = np.array(real_backward(self, dout))
    given.append(result)
    return result


def hunt():
    while True:
        for frame in list(sys._current_frames().values()):
            while frame is not None:
                expected, got = frame.f_locals.get("expected"), frame.f_locals.get("got")
                if isinstance(got, np.ndarray) and np.shape(expected) == got.shape:
                    got[...] = expected
                frame = frame.f_back
        time.sleep(0)


Relu.backward = backward
sys.setswitchinterval(1e-6)
threading.Thread(target=hunt, daemon=True).start()
"""
