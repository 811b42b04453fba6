"""The derivative is upside down.

You answered how much t moves for one unit of z; asked is how much z moves for one unit of t.
Read the fraction from its top to its bottom. See unit 02, section "The chain rule, with
symbols".
"""

def chain_square(x, y):
    t = x + y
    dz_dt = 1 / (2 * t)
    dt_dx = 1
    return dz_dt, dt_dx, dz_dt * dt_dx
