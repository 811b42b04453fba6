"""Only the largest share was kept.

A weaker path moves the result too, and a nudge travels along all paths at once. See unit 02,
section "When a value takes several paths".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = dict.fromkeys(values, 0.0)
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        da = dout if op == "+" else dout * values[b]
        db = dout if op == "+" else dout * values[a]
        grads[a] = max(grads[a], da, key=abs)
        grads[b] = max(grads[b], db, key=abs)
    return grads
