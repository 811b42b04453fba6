"""The values of a node are looked up among the inputs of the graph alone.

From the second level on, a node is fed by other nodes. What they made has to be where you look. See
unit 01, hint 1 of exercise 1.4.
"""


def forward_pass(graph, inputs):
    values = {}
    for name in topological_order(graph):
        op, (a, b) = graph[name]
        values[name] = inputs[a] + inputs[b] if op == "+" else inputs[a] * inputs[b]
    return {**inputs, **values}
