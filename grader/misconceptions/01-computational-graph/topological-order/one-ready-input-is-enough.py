"""A node is taken as soon as one of its inputs is ready.

A node computes from all of its inputs. If one of them is still missing, there is nothing to
compute yet. See unit 01, section 'Which node first?'.
"""


def topological_order(nodes):
    order = []
    while len(order) < len(nodes):
        for name in nodes:
            ready = [i not in nodes or i in order for i in nodes[name][1]]
            if name not in order and any(ready):
                order.append(name)
    return order
