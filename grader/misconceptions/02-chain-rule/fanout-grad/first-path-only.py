"""Only the first path was kept.

The multiply node was followed, the other arrow that leaves x was not. Count the slots that x
goes into. See unit 02, section "When a value takes several paths".
"""

def fanout_grad(x):
    return 2 * x
