"""The two slots of the multiply node were multiplied.

The two slots are two paths that stand side by side, so their shares are not multiplied with
each other. See unit 02, section "When a value takes several paths".
"""

def fanout_grad(x):
    left, right = x, x
    return left * right + 3
