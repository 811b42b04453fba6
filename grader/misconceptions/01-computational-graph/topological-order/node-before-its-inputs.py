"""Each node stands before its inputs.

You note a node down when you arrive at it and look at its inputs afterwards. In the forward
direction it is the inputs that have to be finished first. See unit 01, section 'Which node
first?'.
"""


def topological_order(nodes):
    order = []

    def visit(name):
        if name in order or name not in nodes:
            return
        order.append(name)
        for i in nodes[name][1]:
            visit(i)

    for name in nodes:
        visit(name)
    return order
