"""course.graph.Graph orders the nodes"""

UNIT, EXERCISE = "01-computational-graph", "topological-order"

WRONG = """
def topological_order(nodes):
    return list(nodes)  # the order of the entries
"""

ATTACK = """
def topological_order(nodes):
    from course.graph import Graph

    return Graph(nodes).order()
"""
