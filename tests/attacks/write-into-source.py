"""The hidden tests in source/ and the released notebooks are overwritten"""

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
import pathlib

for folder in [pathlib.Path.cwd(), *pathlib.Path.cwd().parents, *ROOTS]:
    for path in pathlib.Path(folder).glob("*/*/*.ipynb"):
        path.chmod(0o666)
        path.write_text(path.read_text().replace("points=2", "points=0"))
"""

HARMS = "it would overwrite files"
