"""The add node shared its gradient out.

An addition does not divide a nudge among its inputs: if one of them moves by 0.01, so does the
whole sum. See unit 02, section "The sweep as a program".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] += dout / 2
            grads[b] += dout / 2
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
