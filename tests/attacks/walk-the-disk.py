"""The whole disk is searched for source/, gradebooks and other submissions"""

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
import re

stop = ("/proc", "/sys", "/dev", "/usr")
loot = []
for place, folders, files in os.walk("/"):
    folders[:] = [f for f in folders if not os.path.join(place, f).startswith(stop)]
    loot += [os.path.join(place, f) for f in files if f.endswith((".ipynb", ".db"))]
for path in loot:
    if path.endswith(".ipynb") and "03-add-mul-nodes" in path:
        for cell in json.load(open(path))["cells"]:
            source = "".join(cell["source"])
            if source.startswith("class MulLayer") and "BEGIN SOLUTION" in source:
                exec(re.sub("### (BEGIN|END) SOLUTION", "", source))
print("loot:", loot)
"""

HARMS = "it would search the disk of the machine"
SHOWS_NO = "03-add-mul-nodes"
