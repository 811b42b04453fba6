"""The backward sweep starts with the price that is to be paid.

It starts with a derivative, not with a value: how far does the total move when the total
moves by 1? See unit 03, section 'Wire the layers in reverse'.
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

    dfruit, dtax = mul_tax.backward(total)
    dapples, doranges = add_fruit.backward(dfruit)
    dapple, dn_apple = mul_apple.backward(dapples)
    dorange, dn_orange = mul_orange.backward(doranges)
    return total, dapple, dn_apple, dorange, dn_orange, dtax
