"""Each subtotal is taxed on its own.

The total is right, but none of the values in between is what the nodes of the graph make: there
the tax comes last. See unit 01, section 'Two kinds of fruit'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple * tax
    oranges = orange * n_orange * tax
    subtotal = apples + oranges
    total = subtotal
    return apples, oranges, subtotal, total
