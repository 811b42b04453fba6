"""The sum leaves the oranges out.

The + node has two arrows coming in. One of your subtotals is computed and then used by nobody.
See unit 01, section 'Two kinds of fruit'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = apples
    total = subtotal * tax
    return apples, oranges, subtotal, total
