"""The tax is taken as a rate that is added to 1.

In this course the tax is already the whole factor on the subtotal, as the docstring says.
See unit 03, section 'Wire the layers in reverse'.
"""


def buy_apple(price, n, tax):
    mul_apple = MulLayer()
    mul_tax = MulLayer()
    subtotal = mul_apple.forward(price, n)
    total = mul_tax.forward(subtotal, 1 + tax)

    dsubtotal, dtax = mul_tax.backward(1)
    dprice, dn = mul_apple.backward(dsubtotal)
    return total, dprice, dn, dtax
