"""The tax is left out.

Your last node repeats the sum. One more node stands behind it in the graph. See unit 01,
section 'Two kinds of fruit'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = apples + oranges
    total = subtotal
    return apples, oranges, subtotal, total
