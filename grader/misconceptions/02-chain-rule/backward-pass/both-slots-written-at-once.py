"""Two sums were worked out before either was stored.

Both new sums start from the old gradient. That is harmless for two different names, but when
both slots hold the same name the second one wipes out the first. See unit 02, section "When a
value takes several paths".

Same as: same-name-counted-once.
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = dict.fromkeys(values, 0.0)
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a], grads[b] = grads[a] + dout, grads[b] + dout
        else:
            grads[a], grads[b] = grads[a] + dout * values[b], grads[b] + dout * values[a]
    return grads
