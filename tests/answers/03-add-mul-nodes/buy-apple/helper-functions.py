"""Two small functions, one for each sweep."""


def _sweep_forward(price, n, tax):
    first, second = MulLayer(), MulLayer()
    return first, second, second.forward(first.forward(price, n), tax)


def _sweep_backward(first, second):
    dsubtotal, dtax = second.backward(1)
    return first.backward(dsubtotal) + (dtax,)


def buy_apple(price, n, tax):
    first, second, total = _sweep_forward(price, n, tax)
    return (total,) + _sweep_backward(first, second)
