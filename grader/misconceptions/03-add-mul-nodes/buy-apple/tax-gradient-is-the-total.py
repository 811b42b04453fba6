"""The derivative for the tax is the total.

The tax node multiplies the tax by another value than its own output. Look at the edges that
enter that node. See unit 03, section 'Multiply swaps'.
"""


def buy_apple(price, n, tax):
    total = price * n * tax
    dprice = n * tax
    dn = price * tax
    dtax = total
    return total, dprice, dn, dtax
