"""The two derivatives of the oranges are exchanged.

The apples are right, so compare the two lines letter by letter. A backward returns its pair
in the order in which forward took the inputs. See unit 03, section 'From node to layer'.
"""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    fruit = apple * n_apple + orange * n_orange
    total = fruit * tax
    dapple = n_apple * tax
    dn_apple = apple * tax
    dorange = orange * tax
    dn_orange = n_orange * tax
    return total, dapple, dn_apple, dorange, dn_orange, fruit
