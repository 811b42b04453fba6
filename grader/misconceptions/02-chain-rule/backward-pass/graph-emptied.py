"""The graph was taken apart on the way.

Your gradients are right, but afterwards the nodes are gone from the dict of the caller, who
cannot run the graph again. Read from it, do not take from it. See unit 02, exercise 2.4.
"""

def backward_pass(graph, values):
    grads = dict.fromkeys(values, 0.0)
    grads[list(graph)[-1]] = 1.0
    while graph:
        name, (op, (a, b)) = graph.popitem()
        dout = grads[name]
        if op == "+":
            grads[a] += dout
            grads[b] += dout
        else:
            grads[a] += dout * values[b]
            grads[b] += dout * values[a]
    return grads
