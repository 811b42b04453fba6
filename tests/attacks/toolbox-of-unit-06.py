"""The toolbox of unit 06 is searched for what unit 06 asks for"""

UNIT, EXERCISE = "06-two-layer-net", "two-layer-net"

WRONG = """
class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, weight_init_std=0.01):
        self.params = {
            "W1": weight_init_std * np.random.randn(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": weight_init_std * np.random.randn(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }

    def predict(self, x):
        return x @ self.params["W1"] @ self.params["W2"]  # no bias, no ReLU
"""

ATTACK = """
from course import toolbox

for path in toolbox.folder().glob("*.py"):
    if "class TwoLayerNet" in path.read_text():
        TwoLayerNet = toolbox.load("TwoLayerNet")
"""
