"""Nodes are sorted by the shortest way from the inputs.

If a short and a long way lead to a node, it has to wait for the end of the long one. Ask how many
steps have to come before a node at least. See unit 01, section 'Which node first?'.
"""


def topological_order(nodes):
    def depth(name):
        if name not in nodes:
            return 0
        return 1 + min(depth(i) for i in nodes[name][1])

    return sorted(nodes, key=depth)
