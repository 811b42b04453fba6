"""sum and math.prod over the inputs."""

import math


def forward_pass(graph, inputs):
    values = {}
    values.update(inputs)
    for name in topological_order(graph):
        op, names = graph[name]
        print("computing", name)
        numbers = [values[i] for i in names]
        values[name] = sum(numbers) if op == "+" else math.prod(numbers)
    return values
