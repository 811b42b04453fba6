"""The square node was evaluated at x.

A local derivative is taken at the number that stood at its own node in the forward pass. The
square node never sees x itself. See unit 02, section "At which value?".

Same as: square-taken-apart.
"""

def chain_square(x, y):
    dz_dt = 2 * x
    dt_dx = 1
    dz_dx = dz_dt * dt_dx
    return dz_dt, dt_dx, dz_dx
