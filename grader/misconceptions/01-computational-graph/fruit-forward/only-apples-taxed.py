"""Only the apples are taxed.

The tax node stands behind the + node, so it meets everything that was bought. Check which edge
you let the tax act on. See unit 01, section 'Two kinds of fruit'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = apples + oranges
    total = apples * tax + oranges
    return apples, oranges, subtotal, total
