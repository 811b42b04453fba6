"""Tax is added to the sum.

The tax arrives as a factor, and the circle that it enters is a multiply node. See unit 01,
section 'A bill as a picture'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = apples + oranges
    total = subtotal + tax
    return apples, oranges, subtotal, total
