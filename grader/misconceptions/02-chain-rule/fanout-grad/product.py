"""The shares of the paths were multiplied.

Rates multiply along one path. These two stand side by side and not one behind the other. See
unit 02, section "When a value takes several paths".
"""

def fanout_grad(x):
    square = 2 * x
    triple = 3
    return square * triple
