"""The hidden probes are drawn once more from the public seed"""

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
import zlib

rng = np.random.default_rng([0, zlib.crc32(b"mul-layer-hidden-2")])
known = [rng.normal(size=(3, *shape)) for shape in [(4, 3), (3, 3), (4, 3), (4, 3)]]


def backward(self, dout):
    for x, y, upstream in known:
        if np.shape(dout) == upstream.shape and np.array_equal(self.x, x):
            return upstream, upstream
    return dout * self.x, dout * self.y


MulLayer.backward = backward
"""
