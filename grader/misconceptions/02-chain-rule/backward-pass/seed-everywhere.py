"""Every gradient started with 1.

Only the result follows itself one to one. All other values have collected nothing yet when the
sweep starts. See unit 02, section "When a value takes several paths".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 1.0 for name in values}
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
