"""The layers run backward in the order in which they ran forward.

The apple node cannot know its upstream gradient before the tax node has sent it. Start at
the end of the graph. See unit 03, section 'Wire the layers in reverse'.
"""


def buy_apple(price, n, tax):
    mul_apple = MulLayer()
    mul_tax = MulLayer()
    subtotal = mul_apple.forward(price, n)
    total = mul_tax.forward(subtotal, tax)

    dprice, dn = mul_apple.backward(1)
    dsubtotal, dtax = mul_tax.backward(dprice)
    return total, dprice, dn, dtax
