"""The derivative was nudged, not derived.

The numbers are nearly right, but a nudge gives a derivative only roughly, and the error grows
with the numbers. The task asks for formulas. See unit 02, exercise 2.3.
"""

def fanout_grad(x):
    h = 1e-4
    f = lambda v: v * v + 3 * v
    return (f(x + h) - f(x - h)) / (2 * h)
