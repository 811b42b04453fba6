"""The two slots of the multiply node were averaged.

Each of the two slots sends its full share to x. Sharing them out between the slots loses half
of it. See unit 02, section "When a value takes several paths".

Same as: square-counted-once.
"""

def fanout_grad(x):
    left, right = x, x
    from_square = (left + right) / 2
    return from_square + 3
