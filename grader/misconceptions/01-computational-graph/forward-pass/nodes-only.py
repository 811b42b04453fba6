"""The values of the inputs are not in the result.

The result holds a value for each name, inputs included: the backward pass of unit 02 reads them from
there. See the docstring of exercise 1.4.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    for name in topological_order(graph):
        op, (a, b) = graph[name]
        values[name] = values[a] + values[b] if op == "+" else values[a] * values[b]
    return {name: values[name] for name in graph}
