"""The add node forgot its upstream gradient.

Its local derivatives are what you sent, but they must still be multiplied by what arrived from
the right. See unit 02, section "Upstream times local".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] += 1.0
            grads[b] += 1.0
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
