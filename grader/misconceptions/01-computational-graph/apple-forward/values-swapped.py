"""Total and subtotal are returned in the wrong order.

Both values are right, but the docstring names the left node's value first. See unit 01,
exercise 1.1.
"""


def apple_forward(price, n, tax):
    subtotal = price * n
    total = subtotal * tax
    return total, subtotal
