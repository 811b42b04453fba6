"""The sweep started with the value of the output.

The forward value of the result is not a derivative. The signal at the far right says how
strongly the result follows itself. See unit 02, section "From right to left, link by link".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = values[order[-1]]
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
