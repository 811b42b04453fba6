"""Recursion with a memory, no order needed."""


def forward_pass(graph, inputs):
    values = dict(inputs)

    def value(name):
        if name not in values:
            op, (a, b) = graph[name]
            values[name] = value(a) + value(b) if op == "+" else value(a) * value(b)
        return values[name]

    for name in graph:
        value(name)
    return values
