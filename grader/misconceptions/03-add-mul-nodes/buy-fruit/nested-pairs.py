"""The pairs of derivatives are returned as pairs inside the result.

The function should answer with six numbers side by side; unpack each pair before the
return. See unit 03, Exercise 3.4.
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
    return total, mul_apple.backward(dapples), mul_orange.backward(doranges), dtax
