"""The rate is taken out of the factor and put back on."""


def apple_forward(price, n, tax):
    subtotal = n * price
    rate = tax - 1
    return subtotal, subtotal + rate * subtotal
