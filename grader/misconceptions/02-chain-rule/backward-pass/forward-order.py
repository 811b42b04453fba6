"""The nodes were handled in forward order.

A node near the inputs was asked to pass on its gradient before anything had arrived there. The
signal enters at the output. See unit 02, section "From right to left, link by link".

Same as: last-node-only.
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in order:
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] += dout
            grads[b] += dout
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
