"""The graph is taken apart while it is put in order.

The order is right, but the dictionary that was handed in is empty afterwards, and whoever owns it
cannot compute a single node any more. Work on a copy, or take notes of your own. See the
docstring of exercise 1.3.
"""


def topological_order(nodes):
    order = []
    while nodes:
        for name in list(nodes):
            op, inputs = nodes[name]
            if not any(i in nodes for i in inputs):
                order.append(name)
                nodes.pop(name)
    return order
