"""The whole derivative was evaluated at x.

The first number is right, but the third starts again from x and forgets that x was first joined
with y. Build the third out of the first two. See unit 02, section "At which value?".
"""

def chain_square(x, y):
    t = x + y
    return 2 * t, 1, 2 * x
