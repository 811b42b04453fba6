"""A node that is used twice is listed twice.

You walk back from each user to its inputs and note them down every time you pass. One value,
one computation: a node that is in the list already is not added again. See unit 01, section
'Which node first?'.
"""


def topological_order(nodes):
    order = []

    def visit(name):
        if name not in nodes:
            return
        for i in nodes[name][1]:
            visit(i)
        order.append(name)

    used = [i for op, inputs in nodes.values() for i in inputs]
    for name in nodes:
        if name not in used:
            visit(name)
    return order
