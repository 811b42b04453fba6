"""The backward sweep starts with the total.

It starts with a derivative, not with a value: how far does the total move when the total
moves by 1? See unit 03, section 'Wire the layers in reverse'.
"""


def buy_apple(price, n, tax):
    mul_apple = MulLayer()
    mul_tax = MulLayer()
    subtotal = mul_apple.forward(price, n)
    total = mul_tax.forward(subtotal, tax)

    dsubtotal, dtax = mul_tax.backward(total)
    dprice, dn = mul_apple.backward(dsubtotal)
    return total, dprice, dn, dtax
