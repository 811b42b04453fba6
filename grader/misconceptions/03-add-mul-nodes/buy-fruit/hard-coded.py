"""The numbers of the worked example are returned as they stand.

They hold for one shop. Change one price in your head: which of the six numbers must move?
See unit 03, Exercise 3.4.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    return 715, 2.2, 110, 3.3, 165, 650
