"""The first answer was remembered and given again.

The same graph with other values has other gradients: the local derivatives belong to a place.
Do not look the answer up by the graph alone. See unit 02, section "At which value?".
"""

known = {}


def backward_pass(graph, values):
    key = str(graph)
    if key in known:
        return dict(known[key])
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
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    known[key] = dict(grads)
    return grads
