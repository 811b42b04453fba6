"""The tax is left out.

The argument `tax` is never used, so the right node of the graph is missing. Follow the
arrows to the very end. See unit 01, section 'A bill as a picture'.
"""


def apple_forward(price, n, tax):
    subtotal = price * n
    total = subtotal
    return subtotal, total
