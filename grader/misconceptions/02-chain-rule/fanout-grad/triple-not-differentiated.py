"""The term "times 3" kept its x.

One unit of x moves this term by the same amount wherever x is, so its local derivative does not
depend on x. See unit 02, exercise 2.3, its first hint.
"""

def fanout_grad(x):
    return 2 * x + 3 * x
