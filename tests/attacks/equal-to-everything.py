"""An answer whose __eq__ says yes to everything"""

UNIT, EXERCISE = "01-computational-graph", "topological-order"

WRONG = """
def topological_order(nodes):
    return list(nodes)  # the order of the entries
"""

ATTACK = """
class Anything(list):
    __hash__ = None

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __contains__(self, item):
        return True


def topological_order(nodes):
    return Anything(nodes)
"""
