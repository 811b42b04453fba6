"""The add node was treated like a multiply node.

Only in a product does the value of the other input decide how strongly a nudge is felt. See
unit 02, section "The sweep as a program".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = dict.fromkeys(values, 0.0)
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        grads[a] += grads[name] * values[b]
        grads[b] += grads[name] * values[a]
    return grads
