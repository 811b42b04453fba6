"""The shares of the paths were averaged.

Each path brings its full effect to the result; the paths do not have to divide one effect among
them. See unit 02, section "When a value takes several paths".
"""

def fanout_grad(x):
    square = 2 * x
    triple = 3
    return (square + triple) / 2
