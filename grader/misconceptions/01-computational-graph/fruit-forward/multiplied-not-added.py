"""The two subtotals are multiplied.

One of the four nodes is no multiply node: what goes into one basket is put together, not
multiplied. See unit 01, section 'Two kinds of fruit'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = apples * oranges
    total = subtotal * tax
    return apples, oranges, subtotal, total
