"""The numbers of the worked example are returned as they stand.

They hold for one shop. Change the price in your head: which of the four numbers must move?
See unit 03, section 'Wire the layers in reverse'.
"""


def buy_apple(price, n, tax):
    total = price * n * tax
    return total, 2.2, 110, 200
