"""Prices and counts are added up before they are multiplied.

Each fruit has a price and a count of its own; their sums have no meaning as a price and a count.
The two multiply nodes come first, the + node after them. See unit 01, section 'Two kinds of
fruit'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = (apple + orange) * (n_apple + n_orange)
    total = subtotal * tax
    return apples, oranges, subtotal, total
