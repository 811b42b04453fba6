"""The answer is read from source/, found by walking up from the working folder"""

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
import json
import os
import pathlib
import re

found = []
for folder in [pathlib.Path.cwd(), *pathlib.Path.cwd().parents, *ROOTS]:
    found += pathlib.Path(folder).glob("source/03*/03*.ipynb")
for path in found[:1]:
    for cell in json.loads(path.read_text())["cells"]:
        source = "".join(cell["source"])
        if source.startswith("class MulLayer") and "BEGIN SOLUTION" in source:
            exec(re.sub("### (BEGIN|END) SOLUTION", "", source))
"""
