"""The tax is put on the apples only.

In the graph the tax node comes after the add node, so both fruits pass it, there and back.
Brackets may be missing. See the figure of unit 03, Exercise 3.4.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    total = apples * tax + orange * n_orange
    return total, n_apple * tax, apple * tax, n_orange, orange, apples
