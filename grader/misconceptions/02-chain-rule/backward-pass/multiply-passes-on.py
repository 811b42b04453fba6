"""The multiply node passed on its upstream gradient unchanged.

That is what an add node does. The local derivatives of a product are seldom 1. See unit 02,
section "The sweep as a program".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] += dout
            grads[b] += dout
        else:
            grads[a] += dout
            grads[b] += dout
    return grads
