"""A value that is not known yet is taken as 0.

The node does not stop, it computes with a number that nobody made, and the wrong result flows on.
A node has to wait until both its inputs are known. See unit 01, section 'Which node first?'.
"""


def forward_pass(graph, inputs):
    values = inputs.copy()
    for name, (op, (a, b)) in graph.items():
        left = values.get(a, 0)
        right = values.get(b, 0)
        values[name] = left + right if op == "+" else left * right
    return values
