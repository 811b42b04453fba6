"""The values were taken out of their dict on the way.

Your gradients are right, but afterwards values is not what it was, and whoever called you
cannot use it again. Read from it, do not take from it. See unit 02, exercise 2.4.
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        values.pop(name)   # done with it
        if op == "+":
            grads[a] += dout
            grads[b] += dout
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
