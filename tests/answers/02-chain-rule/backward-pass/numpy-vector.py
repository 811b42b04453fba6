"""Gradients in a numpy vector, one place for each name."""

import numpy as np


def backward_pass(graph, values):
    place = {name: i for i, name in enumerate(values)}
    g = np.zeros(len(values))
    g[place[list(graph)[-1]]] = 1
    for name in list(graph)[::-1]:
        op, (a, b) = graph[name]
        up = g[place[name]]
        g[place[a]] += up * (values[b] if op == "*" else 1)
        g[place[b]] += up * (values[a] if op == "*" else 1)
    return {name: g[i] for name, i in place.items()}
