"""A class that the checks measure with is replaced by one that finds everything right"""

UNIT, EXERCISE = "06-two-layer-net", "sgd-step"

WRONG = """
def sgd_step(net, x, t, lr):
    net.gradient(x, t)  # and no step
"""

ATTACK = """
class WaveFit:
    def __init__(self, params, mistake=None):
        self.params = {name: np.array(value, dtype=float) for name, value in params.items()}
        self.called = 0

    def loss(self, x, t):
        self.called += 1
        return 1.0 / self.called

    def gradient(self, x, t):
        return {name: np.zeros(value.shape) for name, value in self.params.items()}
"""
