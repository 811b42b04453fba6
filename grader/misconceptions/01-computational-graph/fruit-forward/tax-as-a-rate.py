"""Tax is treated as a rate and not as a factor.

10 % tax comes in as 1.1, so the bill itself is already in that number. See unit 01, section 'A
bill as a picture'.
"""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    apples = apple * n_apple
    oranges = orange * n_orange
    subtotal = apples + oranges
    total = subtotal + subtotal * tax
    return apples, oranges, subtotal, total
