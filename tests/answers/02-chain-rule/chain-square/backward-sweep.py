"""A sweep that starts at 1 and multiplies as it goes left."""

def chain_square(x, y):
    t = x + y
    signal = 1.0
    signal *= 2 * t
    dz_dt = signal
    dt_dx = 1.0
    signal *= dt_dx
    return dz_dt, dt_dx, signal
