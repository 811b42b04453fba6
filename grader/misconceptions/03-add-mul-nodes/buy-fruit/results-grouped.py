"""The results come grouped: both prices first, then both counts.

The numbers are right, but the caller unpacks them in the order that the docstring names.
See unit 03, Exercise 3.4.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    fruit = apple * n_apple + orange * n_orange
    total = fruit * tax
    return total, n_apple * tax, n_orange * tax, apple * tax, orange * tax, fruit
