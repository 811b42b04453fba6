"""The add node sent nothing back.

A nudge of a summand moves the sum, so its local derivative is not 0. Look what your code does
when op is "+". See unit 02, section "The sweep as a program".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            pass
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
