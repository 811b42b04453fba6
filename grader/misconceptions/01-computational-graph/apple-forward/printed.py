"""The values are printed and not returned.

Printing shows a number to you; `return` hands it to whoever called. Without it the next node of
the line gets None. See unit 01, section 'Local computation'.
"""


def apple_forward(price, n, tax):
    subtotal = price * n
    total = subtotal * tax
    print(subtotal, total)
