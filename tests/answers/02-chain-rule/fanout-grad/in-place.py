"""Works in place on the array that it was given."""

def fanout_grad(x):
    x *= 2
    x += 3
    return x
