"""An IPython ast transformer ends each check in its points"""

UNIT, EXERCISE = "03-add-mul-nodes", "mul-layer"

WRONG = """
class MulLayer:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.x, dout * self.y  # not swapped
"""

ATTACK = r"""
import ast
import re


class Forge(ast.NodeTransformer):
    def visit_Module(self, node):
        points = re.search(r"Check\(.*points=(\d+)", ast.unparse(node))
        return ast.parse(f"{points[1]}.0") if points else node


get_ipython().ast_transformers.append(Forge())
"""
