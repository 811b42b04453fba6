"""The share of the multiply node was taken as a constant.

A multiply node sends back a number of the forward pass, so its share changes with x. Only
"times 3" has a constant one. See unit 02, section "When a value takes several paths".
"""

def fanout_grad(x):
    return 2 + 3 + 0 * x
