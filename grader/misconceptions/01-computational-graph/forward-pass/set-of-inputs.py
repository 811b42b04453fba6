"""The inputs of a node are put in a set, which keeps equal ones once.

Two arrows may come from the same node: a value times itself is a square. A set keeps each name
once, so one arrow gets lost. See unit 01, section 'A bill as a picture'.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    for name in topological_order(graph):
        op, names = graph[name]
        numbers = [values[i] for i in set(names)]
        if op == "+":
            values[name] = sum(numbers)
        else:
            values[name] = 1
            for number in numbers:
                values[name] *= number
    return values
