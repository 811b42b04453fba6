"""The fruit nodes start their backward step with 1 again.

Only the last node of the graph begins with 1; the fruit nodes are handed what came through
the tax node and the add node. See unit 03, section 'Wire the layers in reverse'.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    mul_apple = MulLayer()
    mul_orange = MulLayer()
    add_fruit = AddLayer()
    mul_tax = MulLayer()
    apples = mul_apple.forward(apple, n_apple)
    oranges = mul_orange.forward(orange, n_orange)
    fruit = add_fruit.forward(apples, oranges)
    total = mul_tax.forward(fruit, tax)

    dfruit, dtax = mul_tax.backward(1)
    dapple, dn_apple = mul_apple.backward(1)
    dorange, dn_orange = mul_orange.backward(1)
    return total, dapple, dn_apple, dorange, dn_orange, dtax
