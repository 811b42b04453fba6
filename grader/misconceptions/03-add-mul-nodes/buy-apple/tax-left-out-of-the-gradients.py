"""The derivatives for price and count belong to the sum before tax.

They stop at the apple node and never pass the tax node, through which every yen of the
total goes. See unit 03, section 'Wire the layers in reverse', on what the apple node is
handed.

Same as: upstream-dropped.
"""


def buy_apple(price, n, tax):
    subtotal = price * n
    total = subtotal * tax
    return total, n, price, subtotal
