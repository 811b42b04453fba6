"""The derivative for the tax counts one apple only.

Who pays more when the tax goes up, one apple or the whole purchase? Look at the two edges
that enter the tax node. See unit 03, section 'Wire the layers in reverse'.
"""


def buy_apple(price, n, tax):
    total = price * n * tax
    dprice = n * tax
    dn = price * tax
    dtax = price
    return total, dprice, dn, dtax
