"""Only the first input of each node is looked at.

Every node here has two arrows coming in, and it has to wait for both. See unit 01, section
'Which node first?'.
"""


def topological_order(nodes):
    order = []
    while len(order) < len(nodes):
        for name, (op, inputs) in nodes.items():
            first = inputs[0]
            if name not in order and (first not in nodes or first in order):
                order.append(name)
    return order
