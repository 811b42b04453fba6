"""Every node multiplies.

The operation of a node is never looked at, or looked at wrongly. It stands in front of the names of
the inputs. See unit 01, section 'A bill as a picture'.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    for name in topological_order(graph):
        op, (a, b) = graph[name]
        values[name] = values[a] * values[b]
    return values
