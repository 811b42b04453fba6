"""Both inputs of the add node were nudged.

A partial derivative with respect to x moves x alone and holds y. You moved both, so t moved
twice as far. See unit 02, section "The chain rule, with symbols".
"""

def chain_square(x, y):
    t = x + y
    dz_dt = 2 * t
    dt_dx = 1 + 1   # x and y
    return dz_dt, dt_dx, dz_dt * dt_dx
