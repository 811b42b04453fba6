"""The derivatives written out, no layers."""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    fruit = apple * n_apple + orange * n_orange
    return fruit * tax, n_apple * tax, apple * tax, n_orange * tax, orange * tax, fruit
