"""The square of the sum was taken apart term by term.

A square of a sum is more than the sum of the squares, so differentiating x squared alone misses
a part. Keep the two nodes of the graph and go through them one by one. See unit 02, section
"The chain rule, with symbols".

Same as: evaluated-at-x.
"""

def chain_square(x, y):
    # z = x**2 + y**2
    dz_dx = 2 * x
    dt_dx = 1
    dz_dt = dz_dx / dt_dx
    return dz_dt, dt_dx, dz_dx
