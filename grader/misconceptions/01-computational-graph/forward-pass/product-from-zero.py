"""Products are collected from 0.

A sum may start from 0. A product that starts from 0 stays 0 whatever comes. See unit 01, hint 2
of exercise 1.4.
"""


def forward_pass(graph, inputs):
    values = dict(inputs)
    for name in topological_order(graph):
        op, names = graph[name]
        result = 0
        for i in names:
            if op == "+":
                result += values[i]
            else:
                result *= values[i]
        values[name] = result
    return values
