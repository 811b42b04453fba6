"""A running sum and a list."""


def fruit_forward(apple, n_apple, orange, n_orange, tax):
    result = []
    total = 0
    for price, count in [(apple, n_apple), (orange, n_orange)]:
        result.append(price * count)
        total += price * count
    result += [total, total * tax]
    return result
