"""The two slots of the multiply node were counted once.

In x * x the value sits in both slots, and each slot sends a share of its own. You counted one
of them. See unit 02, section "When a value takes several paths".

Same as: slots-averaged.
"""

def fanout_grad(x):
    from_square = x
    from_triple = 3
    return from_square + from_triple
