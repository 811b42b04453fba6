"""The nodes are sorted by their names.

The alphabet knows nothing of arrows. What decides is which values a node needs. See unit 01,
section 'Which node first?'.
"""


def topological_order(nodes):
    return sorted(nodes)
