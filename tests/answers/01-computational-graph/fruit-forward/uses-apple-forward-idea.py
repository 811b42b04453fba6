"""The total from two taxed subtotals."""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    a = apple * n_apple
    o = orange * n_orange
    return a, o, a + o, a * tax + o * tax
