"""The package's own engine is called"""

UNIT, EXERCISE = "01-computational-graph", "topological-order"

WRONG = """
def topological_order(nodes):
    return list(nodes)  # the order of the entries
"""

ATTACK = """
def topological_order(nodes):
    from course._engine import graphs

    return graphs.topological_order(nodes)
"""
