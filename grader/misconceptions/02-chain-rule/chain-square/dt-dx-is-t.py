"""The add node returned its value for its derivative.

How far does the sum move when x moves by 0.01? That does not depend on how large the sum is.
See unit 02, section "Two nodes in a row, with numbers".
"""

def chain_square(x, y):
    t = x + y
    dz_dt = 2 * t
    dt_dx = t
    return dz_dt, dt_dx, dz_dt * dt_dx
