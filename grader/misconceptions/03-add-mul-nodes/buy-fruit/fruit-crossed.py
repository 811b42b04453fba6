"""The derivatives of the apples and of the oranges are exchanged.

Each fruit node knows only its own price and count, and its pair belongs to them. See unit
03, Exercise 3.4, and follow one edge at a time.
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
    dapples, doranges = add_fruit.backward(dfruit)
    dapple, dn_apple = mul_orange.backward(dapples)
    dorange, dn_orange = mul_apple.backward(doranges)
    return total, dapple, dn_apple, dorange, dn_orange, dtax
