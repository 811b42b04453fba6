"""The values are rounded to whole yen.

A till rounds, a graph does not: later you compare values that differ in the tenth digit,
and rounding would make every small nudge vanish. See unit 01, exercise 1.1.
"""


def apple_forward(price, n, tax):
    subtotal = round(price * n)
    total = round(subtotal * tax)
    return subtotal, total
