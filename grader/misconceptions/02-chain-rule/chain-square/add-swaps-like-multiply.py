"""The add node was treated like a multiply node.

Only a multiplication has the other input for its local derivative. An addition treats a nudge
of x in the same way whatever y is. See unit 02, section "Two nodes in a row, with numbers".
"""

def chain_square(x, y):
    t = x + y
    dz_dt = 2 * t
    dt_dx = y
    dz_dx = dz_dt * dt_dx
    return dz_dt, dt_dx, dz_dx
