"""A node function of its own, with prints."""


def multiply(a, b):
    print(a, "times", b)
    return a * b


def apple_forward(price, n, tax):
    subtotal = multiply(price, n)
    return subtotal, multiply(subtotal, tax)
