"""The sweep started with 0.

Every signal on the way back is a multiple of the one at the start, so from 0 nothing can come.
How strongly does the result follow itself? See unit 02, section "From right to left, link by
link".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    # all gradients start at 0
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
