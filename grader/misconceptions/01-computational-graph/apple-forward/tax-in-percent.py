"""Tax is divided by 100 as if it were a percentage.

In this unit 10 % tax is written as the factor 1.1, so nothing has to be converted. Try
your function on the two apples and ask whether a bill can get smaller through tax. See unit
01, section 'A bill as a picture'.
"""


def apple_forward(price, n, tax):
    subtotal = price * n
    total = subtotal + subtotal * tax / 100
    return subtotal, total
