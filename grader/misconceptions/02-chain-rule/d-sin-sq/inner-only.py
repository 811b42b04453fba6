"""Only the inner function was differentiated.

Your answer is how the square reacts to x. The sine comes behind it and has a local derivative
of its own, which is missing from the product. See unit 02, section "A function inside a
function".
"""

def d_sin_sq(x):
    return 2 * x
