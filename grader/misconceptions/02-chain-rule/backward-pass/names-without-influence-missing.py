"""Names without influence are missing from the answer.

A name that no node on the way to the output uses has a gradient as well, and the task says
which. Think of every name in values, not only of those that the sweep meets. See unit 02,
exercise 2.4.
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {order[-1]: 1.0}
    for name in reversed(order):
        if name not in grads:
            continue
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            da, db = dout, dout
        else:
            da, db = dout * values[b], dout * values[a]
        grads[a] = grads.get(a, 0.0) + da
        grads[b] = grads.get(b, 0.0) + db
    return grads
