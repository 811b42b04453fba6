"""The two subtotals are returned in the wrong order.

All values are right, but the apples come first. Compare your return line with the docstring.
See unit 01, exercise 1.2.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = apples + oranges
    total = subtotal * tax
    return oranges, apples, subtotal, total
