"""A defaultdict collects; a plain dict is returned."""

from collections import defaultdict


def backward_pass(graph, values):
    grads = defaultdict(float)
    *_, output = graph
    grads[output] = 1.0
    for name, (op, (a, b)) in reversed(graph.items()):
        g = grads[name]
        grads[a] += g if op == "+" else g * values[b]
        grads[b] += g if op == "+" else g * values[a]
    return {name: grads[name] for name in values}
