"""The upstream gradient was left out.

Each node sent back its local derivatives alone. That is right only for the node that stands
last; all others must multiply what they are given. See unit 02, section "Upstream times local".
"""

def backward_pass(graph, values):
    order = list(graph)
    grads = {name: 0.0 for name in values}
    grads[order[-1]] = 1.0
    for name in reversed(order):
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            grads[a] += 1
            grads[b] += 1
        else:
            grads[a] += values[b]
            grads[b] += values[a]
    return grads
