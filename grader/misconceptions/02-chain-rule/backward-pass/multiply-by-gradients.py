"""The multiply node used gradients where it needs values.

The factors of a multiply node are numbers of the forward pass, which is why they were kept. You
read them from the dict of the backward sweep. See unit 02, section "The sweep as a program".
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
            grads[a] += dout * grads[b]
            grads[b] += dout * grads[a]
    return grads
