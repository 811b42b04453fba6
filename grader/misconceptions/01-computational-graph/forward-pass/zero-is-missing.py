"""A value of zero is taken for a missing one.

In Python 0 counts as false, so asking whether a value is true does not tell whether it is known.
Ask whether the name is there. See unit 01, exercise 1.4.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    for name in topological_order(graph):
        op, (a, b) = graph[name]
        left = values.get(a) or 1
        right = values.get(b) or 1
        values[name] = left + right if op == "+" else left * right
    return values
