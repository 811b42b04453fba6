"""The values are returned from right to left.

All values are right, but the order is that of the forward pass: first the left nodes,
last the total. See unit 01, exercise 1.2.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = apples + oranges
    total = subtotal * tax
    return total, subtotal, oranges, apples
