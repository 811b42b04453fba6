"""The reference layers of unit 06 are loaded as an answer in unit 03"""

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
import glob
import os

from course import toolbox

places = [toolbox.folder(), *glob.glob("/tmp/course-toolbox-*"), "/opt/backprop/toolbox"]
for place in map(str, places):
    if os.path.exists(place + "/MulLayer.py"):
        os.environ["COURSE_TOOLBOX"] = place
        MulLayer = toolbox.load("MulLayer")
"""
