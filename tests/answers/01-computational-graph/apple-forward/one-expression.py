"""Everything in one return."""


def apple_forward(price, n, tax):
    return price * n, price * n * tax
