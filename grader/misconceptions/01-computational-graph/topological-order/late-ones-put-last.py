"""Nodes that have to wait are put at the end in the order of the listing.

Among those that wait, some wait for each other. Sorting into two groups is enough for a graph of
two levels, not for a deep one. See unit 01, section 'Which node first?'.
"""


def topological_order(nodes):
    early, late = [], []
    for name, (op, inputs) in nodes.items():
        if any(i in nodes for i in inputs):
            late.append(name)
        else:
            early.append(name)
    return early + late
