"""A list that contains itself, and one that is 100 000 deep"""

UNIT, EXERCISE = "01-computational-graph", "topological-order"

WRONG = """
def topological_order(nodes):
    return list(nodes)  # the order of the entries
"""

ATTACK = """
def topological_order(nodes):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    loop = list(nodes)
    loop.append(loop)
    return loop if len(nodes) % 2 else deep
"""
