"""The square multiplied out before it is differentiated."""

def chain_square(x, y):
    # x**2 + 2xy + y**2
    dz_dx = 2 * x + 2 * y
    return dz_dx, 1.0, dz_dx
