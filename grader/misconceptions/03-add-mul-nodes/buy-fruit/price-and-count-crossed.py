"""The derivatives for prices and for counts are exchanged.

A backward returns its pair in the order in which forward took the inputs. One yen more on
the price of an apple, or one more apple: which costs more? See unit 03, section 'Multiply
swaps'.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    mul_apple = MulLayer()
    mul_orange = MulLayer()
    add_fruit = AddLayer()
    mul_tax = MulLayer()
    apples = mul_apple.forward(apple, n_apple)
    oranges = mul_orange.forward(orange, n_orange)
    total = mul_tax.forward(add_fruit.forward(apples, oranges), tax)

    dfruit, dtax = mul_tax.backward(1)
    dapples, doranges = add_fruit.backward(dfruit)
    dn_apple, dapple = mul_apple.backward(dapples)
    dn_orange, dorange = mul_orange.backward(doranges)
    return total, dapple, dn_apple, dorange, dn_orange, dtax
