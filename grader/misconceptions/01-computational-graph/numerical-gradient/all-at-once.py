"""All coordinates are nudged at once.

Then you measure how f changes along the diagonal: one number, in which the single sensitivities
are added up. Nudge one coordinate and leave the others alone. See unit 01, section 'A derivative
is a sensitivity'.
"""


def numerical_gradient(f, x, h=1e-4):
    return (f(x + h) - f(x - h)) / (2 * h)
