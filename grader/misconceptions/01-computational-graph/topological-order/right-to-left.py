"""The order is a right one, read from right to left.

Each node stands after those that use it: that is the order of the backward pass. The forward pass
goes the other way. See unit 01, section 'A bill as a picture'.
"""


def topological_order(nodes):
    order = []
    while len(order) < len(nodes):
        for name in nodes:
            if name in order:
                continue
            waiting = [i for i in nodes[name][1] if i in nodes and i not in order]
            if not waiting:
                order.append(name)
    order.reverse()
    return order
