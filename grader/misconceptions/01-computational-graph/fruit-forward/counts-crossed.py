"""Each price is multiplied by the count of the other fruit.

Follow the arrows: the count of the apples belongs to the price of an apple. Mind the order of the
five arguments. See unit 01, exercise 1.2.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_orange
    oranges = orange * n_apple
    subtotal = apples + oranges
    total = subtotal * tax
    return apples, oranges, subtotal, total
