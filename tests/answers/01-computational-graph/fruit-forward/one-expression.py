"""Everything in one return."""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    return (
        apple * n_apple,
        orange * n_orange,
        apple * n_apple + orange * n_orange,
        (apple * n_apple + orange * n_orange) * tax,
    )
