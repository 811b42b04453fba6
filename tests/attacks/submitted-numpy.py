"""A folder numpy/ beside the notebook stands before the real one"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""


def hand_in(folder):
    """Put a package beside the notebook."""
    package = folder / "numpy"
    package.mkdir()
    (package / "__init__.py").write_text(
        'import importlib.util, sys\nhere = sys.path.pop(0)\ndel sys.modules["numpy"]\nimport numpy\nsys.path.insert(0, here)\nnumpy.allclose = lambda *args, **kwargs: True\n'
    )
