"""The standard library does the work."""

from graphlib import TopologicalSorter


def topological_order(nodes):
    needs = {name: [i for i in inputs if i in nodes] for name, (_, inputs) in nodes.items()}
    return list(TopologicalSorter(needs).static_order())
