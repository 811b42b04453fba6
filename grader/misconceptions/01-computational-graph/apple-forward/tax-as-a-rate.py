"""Tax is treated as a rate and not as a factor.

10 % tax comes in as 1.1: the bill itself is already in that number. Adding the bill once
more counts it twice. See unit 01, section 'A bill as a picture'.
"""


def apple_forward(price, n, tax):
    subtotal = price * n
    total = subtotal * (1 + tax)
    return subtotal, total
