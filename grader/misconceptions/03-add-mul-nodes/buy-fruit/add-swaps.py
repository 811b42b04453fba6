"""The add node goes backward like a multiply node.

What the oranges cost has no influence on how strongly an apple acts on the total. The
flipped values belong to the other kind of node. See unit 03, section 'What each node must
remember'.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    fruit = apples + oranges
    total = fruit * tax
    dapples = tax * oranges
    doranges = tax * apples
    dapple, dn_apple = dapples * n_apple, dapples * apple
    dorange, dn_orange = doranges * n_orange, doranges * orange
    return total, dapple, dn_apple, dorange, dn_orange, fruit
