"""The nodes are computed in the order in which they are listed.

A graph may list a node before those that feed it; then a value is asked for that nobody has
computed. Put the nodes in topological order first. See unit 01, section 'Which node first?'.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    for name, (op, (a, b)) in graph.items():
        if op == "+":
            values[name] = values[a] + values[b]
        else:
            values[name] = values[a] * values[b]
    return values
