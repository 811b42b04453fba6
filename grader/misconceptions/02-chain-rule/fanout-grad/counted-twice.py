"""The whole was counted twice.

The add node sends its upstream gradient unchanged to each side. You added another copy of it on
the way. See unit 02, section "When a value takes several paths".
"""

def fanout_grad(x):
    dout = 1 + 1   # the add node has two inputs
    return dout * x + dout * x + dout * 3
