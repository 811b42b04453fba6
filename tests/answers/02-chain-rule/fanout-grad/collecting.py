"""Starts at 0 and collects one share after the other."""

def fanout_grad(x):
    dx = 0
    dx = dx + x
    dx = dx + x
    dx = dx + 3
    return dx
