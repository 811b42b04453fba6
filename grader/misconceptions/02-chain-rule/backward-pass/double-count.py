"""A node passed on its gradient each time that a share arrived.

When the second share arrives, you send on the sum of both, but the first has been sent before
and is counted twice. Wait until the gradient of a node is complete. See unit 02, section "The
sweep as a program".
"""

def backward_pass(graph, values):
    grads = dict.fromkeys(values, 0.0)

    def send(name, dout):
        grads[name] += dout
        if name not in graph:
            return
        op, (a, b) = graph[name]
        dout = grads[name]
        if op == "+":
            send(a, dout)
            send(b, dout)
        else:
            send(a, dout * values[b])
            send(b, dout * values[a])

    send(list(graph)[-1], 1.0)
    return grads
