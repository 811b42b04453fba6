"""The tax is put on once for every apple, one on top of the other.

Tax is applied once to the whole bill: there is one tax node, not one an apple. With a single
apple you cannot see the mistake. See unit 01, section 'A bill as a picture'.
"""


def apple_forward(price, n, tax):
    subtotal = price * n
    total = subtotal * tax ** n
    return subtotal, total
