"""Layers in a list, run through with reversed."""


def buy_apple(price, n, tax):
    layers = [MulLayer(), MulLayer()]
    value = price
    for layer, factor in zip(layers, [n, tax]):
        value = layer.forward(value, factor)

    grad, factor_grads = 1, []
    for layer in reversed(layers):
        grad, dfactor = layer.backward(grad)
        factor_grads.append(dfactor)
    dtax, dn = factor_grads
    return value, grad, dn, dtax
