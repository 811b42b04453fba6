"""Sends each share on by itself, path by path."""

def backward_pass(graph, values):
    grads = {name: 0.0 for name in values}

    def send(name, share):
        grads[name] += share
        if name in graph:
            op, (a, b) = graph[name]
            send(a, share if op == "+" else share * values[b])
            send(b, share if op == "+" else share * values[a])

    send(list(graph)[-1], 1.0)
    return grads
