"""A node passed on its gradient before all shares had arrived.

Each node is handled once, which is right, but too early: a node in the middle went ahead with
the first share, and what its other users sent later never went on. When is a gradient complete?
See unit 02, section "The sweep as a program".
"""

def backward_pass(graph, values):
    output = list(graph)[-1]
    grads = dict.fromkeys(values, 0.0)
    grads[output] = 1.0
    queue, seen = [output], {output}
    while queue:
        name = queue.pop(0)
        if name not in graph:
            continue
        op, (a, b) = graph[name]
        dout = grads[name]
        grads[a] += dout if op == "+" else dout * values[b]
        grads[b] += dout if op == "+" else dout * values[a]
        for source in (a, b):
            if source not in seen:
                seen.add(source)
                queue.append(source)
    return grads
