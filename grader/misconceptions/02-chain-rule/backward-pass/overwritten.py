"""A later share replaced the earlier ones.

A value with several users collects a share from each of them. You kept the one that came last.
See unit 02, section "When a value takes several paths".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] = dout
            grads[b] = dout
        else:
            grads[a] = dout * values[b]
            grads[b] = dout * values[a]
    return grads
