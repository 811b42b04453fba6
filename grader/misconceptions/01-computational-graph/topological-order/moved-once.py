"""Each entry is moved in front of its user only once.

Moving an input forward is right, but then it has to stand after its own inputs as well, which were
moved before it or not at all. One round of repairs is not enough. See unit 01, section 'Which node
first?'.
"""


def topological_order(nodes):
    order = list(nodes)
    for name in nodes:
        for i in nodes[name][1]:
            if i in nodes and order.index(i) > order.index(name):
                order.remove(i)
                order.insert(order.index(name), i)
    return order
