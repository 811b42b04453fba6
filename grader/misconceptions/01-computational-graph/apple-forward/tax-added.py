"""Tax is added to the subtotal.

The tax arrives as a factor, not as an amount of money. The circle that it enters in the
picture is a multiply node. See unit 01, section 'A bill as a picture'.
"""


def apple_forward(price, n, tax):
    subtotal = price * n
    total = subtotal + tax
    return subtotal, total
