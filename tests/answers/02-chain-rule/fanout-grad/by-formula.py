"""The formula from school."""

def fanout_grad(x):
    return 2 * x + 3
