"""The tax is added to the subtotal.

An add node stands where the graph has a multiply node. Two wrong steps can look tidy: check
the total first. See the figure in unit 03, section 'Wire the layers in reverse'.
"""


def buy_apple(price, n, tax):
    mul_apple = MulLayer()
    add_tax = AddLayer()
    subtotal = mul_apple.forward(price, n)
    total = add_tax.forward(subtotal, tax)

    dsubtotal, dtax = add_tax.backward(1)
    dprice, dn = mul_apple.backward(dsubtotal)
    return total, dprice, dn, dtax
