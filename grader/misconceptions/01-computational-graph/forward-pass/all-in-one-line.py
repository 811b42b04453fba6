"""Each node works on the result of the node before it.

That is right for a graph that is a single chain. Here a node takes the two inputs that its entry
names, wherever they were made. See unit 01, section 'Local computation'.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    last = None
    for name in topological_order(graph):
        op, (a, b) = graph[name]
        left = values[a] if last is None else values[last]
        values[name] = left + values[b] if op == "+" else left * values[b]
        last = name
    return values
