"""Nodes in front of the inputs in the result."""


def forward_pass(graph, inputs):
    def value(name):
        if name in inputs:
            return inputs[name]
        op, (a, b) = graph[name]
        return value(a) + value(b) if op == "+" else value(a) * value(b)

    return {name: value(name) for name in list(graph) + list(inputs)}
