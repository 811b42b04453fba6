"""The nodes were handled in the order of their names.

A name says nothing about where a node stands in the graph. The order in which graph lists its
nodes does. See unit 02, exercise 2.4.
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in sorted(order, reverse=True):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] += dout
            grads[b] += dout
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
