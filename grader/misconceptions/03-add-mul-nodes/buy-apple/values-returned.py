"""The inputs are returned where their derivatives are wanted.

The way back carries sensitivities, not the values that went forward. See unit 03, section
'Wire the layers in reverse', and compare the two columns printed there.
"""


def buy_apple(price, n, tax):
    subtotal = price * n
    total = subtotal * tax
    return total, price, n, tax
