"""Every node adds.

A test such as `op == "+" or "*"` is always true in Python. Compare the operation with one
sign at a time. See unit 01, section 'A bill as a picture'.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    for name in topological_order(graph):
        op, (a, b) = graph[name]
        if op == "+" or "add":
            values[name] = values[a] + values[b]
        else:
            values[name] = values[a] * values[b]
    return values
