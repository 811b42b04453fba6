"""The results come in the order in which the backward sweep finds them.

The tax is reached first on the way back, but the caller unpacks the results in the order
that the docstring names. See unit 03, Exercise 3.3.
"""


def buy_apple(price, n, tax):
    mul_apple = MulLayer()
    mul_tax = MulLayer()
    total = mul_tax.forward(mul_apple.forward(price, n), tax)
    dsubtotal, dtax = mul_tax.backward(1)
    dprice, dn = mul_apple.backward(dsubtotal)
    return total, dtax, dprice, dn
