"""The shares of several paths were multiplied.

Rates multiply along one path. Paths that stand side by side are another matter. See unit 02,
section "When a value takes several paths".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {}
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads.get(name, 0.0)
        da = dout if op == "+" else dout * values[b]
        db = dout if op == "+" else dout * values[a]
        grads[a] = grads.get(a, 1.0) * da
        grads[b] = grads.get(b, 1.0) * db
    return {name: grads.get(name, 0.0) for name in values}
