"""A name of 20 MB that the check quotes in its message"""

UNIT, EXERCISE = "01-computational-graph", "topological-order"

WRONG = """
def topological_order(nodes):
    return list(nodes)  # the order of the entries
"""

ATTACK = """
def topological_order(nodes):
    return ["x" * 20_000_000, *nodes]
"""

HARMS = "its output would fill the feedback"
