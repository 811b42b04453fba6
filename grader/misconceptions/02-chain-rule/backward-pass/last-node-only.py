"""The sweep stopped after the last node.

The inputs of the last node got their shares, but these were not passed on any further to the
left. See unit 02, section "From right to left, link by link".

Same as: forward-order.
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in order[-1:]:
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] += dout
            grads[b] += dout
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
