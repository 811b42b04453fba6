"""The tax is put on twice.

The subtotals are taxed and then the sum is taxed again. The graph has a single tax node. See
unit 01, section 'Two kinds of fruit'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple * tax
    oranges = orange * n_orange * tax
    subtotal = apples + oranges
    total = subtotal * tax
    return apples, oranges, subtotal, total
