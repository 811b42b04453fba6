"""Local derivatives in a table of functions, prints on the way."""

LOCAL = {
    "+": lambda a, b: (1, 1),
    "*": lambda a, b: (b, a),
}


def backward_pass(graph, values):
    order = list(graph)
    order.reverse()
    grads = {}
    for name in values:
        grads[name] = 0
    grads[order[0]] = 1
    for name in order:
        op, inputs = graph[name]
        numbers = [values[i] for i in inputs]
        for source, local in zip(inputs, LOCAL[op](*numbers)):
            print(name, "->", source, grads[name] * local)
            grads[source] += grads[name] * local
    return grads
