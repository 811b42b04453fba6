"""A node that takes the same input twice never becomes ready.

You count two missing inputs but cross off only one when the value is there. Two arrows may come
from the same node. See unit 01, exercise 1.3.
"""


def topological_order(nodes):
    missing = {}
    for name, (op, inputs) in nodes.items():
        missing[name] = len([i for i in inputs if i in nodes])
    ready = [name for name in nodes if missing[name] == 0]
    order = []
    while ready:
        done = ready.pop(0)
        order.append(done)
        for name, (op, inputs) in nodes.items():
            if done in inputs:
                missing[name] -= 1
                if missing[name] == 0:
                    ready.append(name)
    return order
