"""The tax is put on before the apples are counted.

The total comes out right, but the value in between is another one: the graph counts first and
taxes last. What stands on the inner edge matters as soon as derivatives flow back. See
unit 01, section 'A bill as a picture'.
"""


def apple_forward(price, n, tax):
    subtotal = price * tax
    total = subtotal * n
    return subtotal, total
