"""The square node was evaluated at its own output.

The local derivative of this node is taken at the number that goes in, not at the number that
comes out. See unit 02, section "At which value?".
"""

def chain_square(x, y):
    t = x + y
    z = t ** 2
    dz_dt = 2 * z
    dt_dx = 1
    return dz_dt, dt_dx, dz_dt * dt_dx
