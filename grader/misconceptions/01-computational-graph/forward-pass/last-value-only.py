"""Only the result of the last node is returned.

All values in between are thrown away, and the backward pass lives on them. Return the whole
dictionary. See unit 01, section 'Why draw a graph at all?'.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    for name in topological_order(graph):
        op, (a, b) = graph[name]
        values[name] = values[a] + values[b] if op == "+" else values[a] * values[b]
    return values[name]
