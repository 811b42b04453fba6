"""The derivatives were nudged, not derived.

The numbers are nearly right, but a nudge gives a derivative only roughly, and the error grows
with the numbers. The task asks for formulas. See unit 02, exercise 2.1.
"""

def chain_square(x, y):
    h = 1e-4
    t = x + y
    dz_dt = ((t + h) ** 2 - (t - h) ** 2) / (2 * h)
    dt_dx = ((x + h + y) - (x - h + y)) / (2 * h)
    return dz_dt, dt_dx, dz_dt * dt_dx
