"""The count is added to the price.

Two apples at 100 yen do not cost 102 yen. Look at the sign in the left circle of the apple
graph. See unit 01, section 'A bill as a picture'.
"""


def apple_forward(price, n, tax):
    subtotal = price + n
    total = subtotal * tax
    return subtotal, total
