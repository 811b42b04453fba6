"""The node "times 3" was taken for a plain arrow.

The last share says that one unit of x moves that term by one unit. Nudge x by 0.01 and look how
far the term moves. See unit 02, section "When a value takes several paths".
"""

def fanout_grad(x):
    return 2 * x + 1
