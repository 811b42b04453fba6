"""The product is grouped the other way round."""


def apple_forward(price, n, tax):
    taxed = price * tax
    return n * price, n * taxed
