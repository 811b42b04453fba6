"""A mapping that answers otherwise each time it is read"""

UNIT, EXERCISE = "01-computational-graph", "forward-pass"

WRONG = """
def forward_pass(graph, inputs):
    values = dict(inputs)
    for name, (op, (a, b)) in graph.items():  # the order of the entries
        values[name] = values[a] + values[b]  # whatever the op
    return values
"""

ATTACK = """
import collections


class Shifty(collections.UserDict):
    reads = 0

    def __contains__(self, name):
        return True

    def __getitem__(self, name):
        Shifty.reads += 1
        return [0, 200, 450, 650, 715, 7, 350, 560, 910][Shifty.reads % 9]


def forward_pass(graph, inputs):
    return Shifty(inputs)
"""
