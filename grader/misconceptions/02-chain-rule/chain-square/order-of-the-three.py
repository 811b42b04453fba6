"""The three numbers came in another order.

Your three numbers are the wanted ones, but not in the wanted places. Compare your return line
with the signature in the task. See unit 02, exercise 2.1.
"""

def chain_square(x, y):
    t = x + y
    dz_dt = 2 * t
    dt_dx = 1
    dz_dx = dz_dt * dt_dx
    return dz_dx, dz_dt, dt_dx
