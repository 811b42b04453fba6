"""Counts the users that have not sent yet and keeps a list of nodes that are ready."""

def backward_pass(graph, values):
    waiting = dict.fromkeys(values, 0)
    for op, inputs in graph.values():
        for i in inputs:
            waiting[i] += 1
    output = next(reversed(graph))
    grads = dict.fromkeys(values, 0.0)
    grads[output] = 1.0
    ready = [name for name in graph if waiting[name] == 0]
    while ready:
        name = ready.pop()
        op, (a, b) = graph[name]
        local = (1, 1) if op == "+" else (values[b], values[a])
        for i, d in zip((a, b), local):
            grads[i] += grads[name] * d
            waiting[i] -= 1
            if waiting[i] == 0 and i in graph:
                ready.append(i)
    return grads
