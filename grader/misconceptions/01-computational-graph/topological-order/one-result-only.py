"""Only the nodes behind a single result are listed.

You start from one node and walk back, which misses everything that this node does not need. A graph
may have several results, and the order has to hold every node. See unit 01, exercise 1.3.
"""


def topological_order(nodes):
    used = [i for op, inputs in nodes.values() for i in inputs]
    results = [name for name in nodes if name not in used]
    order = []

    def visit(name):
        if name in order or name not in nodes:
            return
        for i in nodes[name][1]:
            visit(i)
        order.append(name)

    visit(results[0])
    return order
