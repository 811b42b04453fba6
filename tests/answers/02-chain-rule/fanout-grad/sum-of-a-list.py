"""The shares in a list, then their sum."""

def fanout_grad(x):
    upstream = 1
    shares = [upstream * x, upstream * x, upstream * 3]
    return sum(shares)
