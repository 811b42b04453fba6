"""The square node lost its factor.

The local derivative of a square node is not the number that arrives there. Nudge 5 by 0.001 and
look how far its square moves. See unit 02, section "One node, one local derivative".
"""

def chain_square(x, y):
    t = x + y
    dz_dt = t
    dt_dx = 1
    return dz_dt, dt_dx, dz_dt * dt_dx
