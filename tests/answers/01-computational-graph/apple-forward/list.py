"""A list and not a tuple."""


def apple_forward(price, n, tax):
    subtotal = price * n
    return [subtotal, subtotal * tax]
