"""The derivative for the tax counts the apples only.

The oranges pay tax as well. Look at both edges that enter the tax node, and at what the
other one carries. See the figure of unit 03, Exercise 3.4.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    total = (apples + oranges) * tax
    return total, n_apple * tax, apple * tax, n_orange * tax, orange * tax, apples
