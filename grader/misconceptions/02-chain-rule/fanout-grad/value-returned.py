"""The value was returned, not the derivative.

That is what the graph gives in the forward pass. Asked is how strongly it reacts to x. See unit
02, section "One node, one local derivative".
"""

def fanout_grad(x):
    a = x * x
    b = 3 * x
    return a + b
