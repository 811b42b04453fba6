"""The sum has the tax in it and the total puts it on again.

The sum is what the + node makes, before any tax. Count how many edges carry the tax factor
in the picture. See unit 01, section 'Two kinds of fruit'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = (apples + oranges) * tax
    total = subtotal * tax
    return apples, oranges, subtotal, total
