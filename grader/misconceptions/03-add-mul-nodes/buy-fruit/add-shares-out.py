"""The add node hands half of the gradient to each fruit.

A gradient is not shared out: one more yen for apples reaches the sum in full, whatever the
oranges cost. See unit 03, section 'Add passes on'.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    fruit = apple * n_apple + orange * n_orange
    total = fruit * tax
    dapples = tax / 2
    doranges = tax / 2
    dapple, dn_apple = dapples * n_apple, dapples * apple
    dorange, dn_orange = doranges * n_orange, doranges * orange
    return total, dapple, dn_apple, dorange, dn_orange, fruit
