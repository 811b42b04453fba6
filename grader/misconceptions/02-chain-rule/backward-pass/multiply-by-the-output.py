"""The multiply node used its own output as a factor.

A local derivative is made of the numbers that go into the node, not of the number that comes
out. See unit 02, section "The sweep as a program".
"""

def backward_pass(graph, values):
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
            grads[a] += dout * values[name]
            grads[b] += dout * values[name]
    return grads
