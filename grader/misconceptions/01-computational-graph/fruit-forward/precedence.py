"""Only the oranges are taxed: * goes before +.

Without brackets Python multiplies first, so the tax meets the second item alone. The tax node of
the graph sees the sum. See unit 01, section 'Two kinds of fruit'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = apples + oranges
    total = apples + oranges * tax
    return apples, oranges, subtotal, total
