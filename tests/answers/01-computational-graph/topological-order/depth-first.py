"""Depth first, inputs before the node."""


def topological_order(nodes):
    order = []

    def visit(name):
        if name in nodes and name not in order:
            for i in nodes[name][1]:
                visit(i)
            order.append(name)

    for name in nodes:
        visit(name)
    return order
