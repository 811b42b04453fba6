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

ATTACK = """
import ast


class Forge(ast.NodeTransformer):
    def visit_Module(self, node):
        if "score" in ast.dump(node) and "Check" in ast.dump(node):
            return ast.parse("2.0")
        return node


get_ipython().ast_transformers.append(Forge())
"""
