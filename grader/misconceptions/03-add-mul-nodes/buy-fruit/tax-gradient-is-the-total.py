"""The derivative for the tax is the total.

The tax node multiplies the tax by another value than its own output. Look at the edges that
enter that node. See unit 03, section 'Multiply swaps'.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    total = (apple * n_apple + orange * n_orange) * tax
    return total, n_apple * tax, apple * tax, n_orange * tax, orange * tax, total
