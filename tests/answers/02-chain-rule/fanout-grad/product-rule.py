"""The common factor taken out, then the product rule."""

def fanout_grad(x):
    # f = x * (x + 3)
    return (x + 3) * 1 + x * 1
