"""The apple node starts its backward step with 1 again.

Only the last node of the graph begins with 1. Every other node is handed what the node
after it sent back. See unit 03, section 'Wire the layers in reverse'.

Same as: tax-left-out-of-the-gradients.
"""


def buy_apple(price, n, tax):
    mul_apple = MulLayer()
    mul_tax = MulLayer()
    subtotal = mul_apple.forward(price, n)
    total = mul_tax.forward(subtotal, tax)

    dsubtotal, dtax = mul_tax.backward(1)
    dprice, dn = mul_apple.backward(1)
    return total, dprice, dn, dtax
