"""Sorted by the longest way from the inputs."""


def topological_order(nodes):
    def depth(name):
        return 0 if name not in nodes else 1 + max(depth(i) for i in nodes[name][1])

    return sorted(nodes, key=depth)
