"""A name in both slots was counted once.

One node can hold the same name in both of its slots. Each slot is a path of its own and sends
its own share. See unit 02, section "When a value takes several paths".

Same as: both-slots-written-at-once.
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = dict.fromkeys(values, 0.0)
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, inputs = graph[name]
        dout = grads[name]
        for source in set(inputs):
            other = inputs[1] if source == inputs[0] else inputs[0]
            grads[source] += dout if op == "+" else dout * values[other]
    return grads
