"""The gradients were written over the values.

A second name for the same dict is no copy, so storing a gradient destroys a value that the
sweep still needs, and it changes the dict of the caller. See unit 02, exercise 2.4.
"""

def backward_pass(graph, values):
    grads = values
    order = list(graph)
    for name in grads:
        grads[name] = 0.0
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] += dout
            grads[b] += dout
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
