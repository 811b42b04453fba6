"""Sweeps over the graph until all is known."""


def forward_pass(graph, inputs):
    values = inputs.copy()
    while any(name not in values for name in graph):
        for name, (op, names) in graph.items():
            if all(i in values for i in names):
                x, y = [values[i] for i in names]
                if op == "+":
                    values[name] = x + y
                elif op == "*":
                    values[name] = x * y
    return values
