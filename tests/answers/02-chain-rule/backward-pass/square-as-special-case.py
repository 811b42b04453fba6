"""The same name in both slots as a case of its own."""

from collections import OrderedDict


def backward_pass(graph, values):
    grads = OrderedDict((name, 0.0) for name in values)
    grads[list(graph)[-1]] = 1.0
    for name in reversed(list(graph)):
        op, (a, b) = graph[name]
        dout = grads[name]
        if a == b:
            grads[a] += dout * 2 if op == "+" else dout * 2 * values[a]
        elif op == "+":
            grads[a] += dout
            grads[b] += dout
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
