"""Only the total is returned.

The value in between is lost, and keeping it is one of the reasons to draw a graph. The task asks
for both values. See unit 01, section 'Why draw a graph at all?'.
"""


def apple_forward(price, n, tax):
    return price * n * tax
