"""The inputs of the whole graph are listed as well.

Price and tax are given; no node makes them, so they need no place in the order. The keys of
`nodes` alone belong there. See unit 01, exercise 1.3.
"""


def topological_order(nodes):
    order = []

    def visit(name):
        if name in order:
            return
        if name in nodes:
            for i in nodes[name][1]:
                visit(i)
        order.append(name)

    for name in nodes:
        visit(name)
    return order
