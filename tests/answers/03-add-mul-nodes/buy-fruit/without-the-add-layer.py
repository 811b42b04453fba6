"""Multiply layers, but a plain plus for the sum; prints."""


def buy_fruit(apple, n_apple, orange, n_orange, tax):
    a, o, t = MulLayer(), MulLayer(), MulLayer()
    total = t.forward(a.forward(apple, n_apple) + o.forward(orange, n_orange), tax)
    dsum, dtax = t.backward(1.0)
    grads = (*a.backward(dsum), *o.backward(dsum), dtax)
    print("gradients:", grads)
    return (total, *grads)
