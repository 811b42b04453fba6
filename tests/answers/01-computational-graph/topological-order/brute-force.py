"""Swaps neighbours in the listing until nothing is out of place."""


def topological_order(nodes):
    order = list(nodes)
    changed = True
    while changed:
        changed = False
        for name in nodes:
            for i in nodes[name][1]:
                if i in nodes and order.index(i) > order.index(name):
                    order.remove(name)
                    order.insert(order.index(i) + 1, name)
                    changed = True
    return order
