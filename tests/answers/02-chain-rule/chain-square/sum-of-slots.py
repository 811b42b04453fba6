"""The square as a multiply node whose two slots each send a share."""

def chain_square(x, y):
    t = x + y
    dz_dt = t + t
    dt_dx = 1
    dz_dx = dt_dx * dz_dt
    return (dz_dt, dt_dx, dz_dx)
