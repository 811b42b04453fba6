"""The upstream gradient was added to the local derivative.

The two are rates in a row, one behind the other. Adding belongs to the shares of several paths.
See unit 02, section "Upstream times local".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] += dout + 1
            grads[b] += dout + 1
        else:
            grads[a] += dout + values[b]
            grads[b] += dout + values[a]
    return grads
