"""The notebook defines a call of its own, which looks up what is expected

It sits in the frame of the check and reads the oracle there.
"""

UNIT, EXERCISE = "01-computational-graph", "topological-order"

WRONG = """
def topological_order(nodes):
    return list(nodes)  # the order of the entries
"""

ATTACK = """
def call(function, nodes, *args):
    order, left = [], dict(nodes)
    while left:
        name = next(n for n, (_, inputs) in left.items() if not set(inputs) & set(left))
        order.append(name)
        del left[name]
    return order
"""
