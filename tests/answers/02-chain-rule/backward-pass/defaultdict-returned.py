"""The defaultdict itself is returned, with an entry for every name."""

import collections

def backward_pass(graph, values):
    grads = collections.defaultdict(lambda: 0)
    names = list(graph.keys())
    for name in values:
        grads[name]
    grads[names[-1]] = 1
    for name in names[::-1]:
        op = graph[name][0]
        a = graph[name][1][0]
        b = graph[name][1][1]
        if op == "+":
            grads[a] = grads[a] + grads[name] * 1
            grads[b] = grads[b] + grads[name] * 1
        elif op == "*":
            grads[a] = grads[a] + grads[name] * values[b]
            grads[b] = grads[b] + grads[name] * values[a]
    return grads
