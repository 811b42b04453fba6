"""One layer object serves both the apples and the oranges.

Its second forward overwrites what the first one saved, so the apples go back with the
numbers of the oranges. Each node of the graph needs an object of its own. See unit 03,
section 'From node to layer'.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    mul_fruit = MulLayer()
    add_fruit = AddLayer()
    mul_tax = MulLayer()
    apples = mul_fruit.forward(apple, n_apple)
    oranges = mul_fruit.forward(orange, n_orange)
    fruit = add_fruit.forward(apples, oranges)
    total = mul_tax.forward(fruit, tax)

    dfruit, dtax = mul_tax.backward(1)
    dapples, doranges = add_fruit.backward(dfruit)
    dapple, dn_apple = mul_fruit.backward(dapples)
    dorange, dn_orange = mul_fruit.backward(doranges)
    return total, dapple, dn_apple, dorange, dn_orange, dtax
