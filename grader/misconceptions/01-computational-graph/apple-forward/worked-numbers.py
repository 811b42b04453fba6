"""The numbers of the worked example are written into the answer.

Your function gives 200 and 220 whatever it is asked. Use the arguments and not the numbers of
the picture. See unit 01, exercise 1.1.
"""


def apple_forward(price, n, tax):
    subtotal = 100 * 2
    total = 200 * 1.1
    return subtotal, total
