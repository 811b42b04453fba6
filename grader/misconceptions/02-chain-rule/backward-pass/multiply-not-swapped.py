"""The multiply node was not swapped.

Each input got its own value as a factor. Nudge one input of a product by 0.01: which number
decides how far the product moves? See unit 02, section "The sweep as a program".
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
            grads[a] += dout * values[a]
            grads[b] += dout * values[b]
    return grads
