"""Only the first share was kept.

A value with several users collects a share from each of them. Once something stood there, you
left the later shares out. See unit 02, section "When a value takes several paths".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {order[-1]: 1.0}
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads.get(name, 0.0)
        if op == "+":
            da, db = dout, dout
        else:
            da, db = dout * values[b], dout * values[a]
        grads.setdefault(a, da)
        grads.setdefault(b, db)
    for name in values:
        grads.setdefault(name, 0.0)
    return grads
