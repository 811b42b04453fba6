"""One layer object does both multiplications.

Its second forward overwrites what the first one saved, so the way back of the apple node
uses the inputs of the tax node. Each node of the graph needs an object of its own. See unit
03, section 'From node to layer'.
"""


def buy_apple(price, n, tax):
    mul = MulLayer()
    subtotal = mul.forward(price, n)
    total = mul.forward(subtotal, tax)

    dsubtotal, dtax = mul.backward(1)
    dprice, dn = mul.backward(dsubtotal)
    return total, dprice, dn, dtax
