"""The chain rule step by step, no layers, and a print."""


def buy_apple(price, n, tax):
    subtotal = price * n
    total = subtotal * tax
    dtotal = 1.0
    dsubtotal = dtotal * tax
    dtax = dtotal * subtotal
    dprice = dsubtotal * n
    dn = dsubtotal * price
    print(total, dprice, dn, dtax)
    return [total, dprice, dn, dtax]
