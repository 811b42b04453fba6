"""Only the total is returned.

The forward sweep is done, and the way back is missing: the function should answer with four
numbers. See unit 03, section 'Wire the layers in reverse'.
"""


def buy_apple(price, n, tax):
    mul_apple = MulLayer()
    mul_tax = MulLayer()
    return mul_tax.forward(mul_apple.forward(price, n), tax)
