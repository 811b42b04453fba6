"""The shares of several paths were averaged.

The paths do not have to divide one effect among them: each brings its own, and the result feels
them all. See unit 02, section "When a value takes several paths".
"""

def backward_pass(graph, values):
    order = list(graph)
    shares = {name: [] for name in values}
    shares[order[-1]].append(1.0)
    grads = {name: 0.0 for name in values}
    for name in reversed(order):
        if shares[name]:
            grads[name] = sum(shares[name]) / len(shares[name])
        op, (a, b) = graph[name]
        dout = grads[name]
        shares[a].append(dout if op == "+" else dout * values[b])
        shares[b].append(dout if op == "+" else dout * values[a])
    for name in values:
        if name not in graph and shares[name]:
            grads[name] = sum(shares[name]) / len(shares[name])
    return grads
