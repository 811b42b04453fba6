"""The first input is used twice and the second one not at all.

A slip of the fingers, or an index that was copied. Each node has a first and a second input. See
unit 01, section 'A bill as a picture'.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    for name in topological_order(graph):
        op, names = graph[name]
        a = values[names[0]]
        b = values[names[0]]
        values[name] = a + b if op == "+" else a * b
    return values
