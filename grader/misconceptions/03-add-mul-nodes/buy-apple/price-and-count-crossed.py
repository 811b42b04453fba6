"""The derivatives for the price and for the count are exchanged.

A backward returns its pair in the order in which forward took the inputs. Ask what one yen
more on the price would cost, and what one more apple. See unit 03, section 'Wire the layers
in reverse'.
"""


def buy_apple(price, n, tax):
    mul_apple = MulLayer()
    mul_tax = MulLayer()
    subtotal = mul_apple.forward(price, n)
    total = mul_tax.forward(subtotal, tax)

    dsubtotal, dtax = mul_tax.backward(1)
    dn, dprice = mul_apple.backward(dsubtotal)
    return total, dprice, dn, dtax
