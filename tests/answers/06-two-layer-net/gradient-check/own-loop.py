"""A nudging loop of its own, element by element, with prints."""

import numpy as np


def gradient_check(net, x, t, h=1e-5):
    errors = {}
    for key in net.params:
        a = np.asarray(net.gradient(x, t)[key], dtype=float).ravel()
        p = net.params[key]
        n = []
        for index in np.ndindex(p.shape):
            keep = p[index]
            p[index] = keep + h
            above = net.loss(x, t)
            p[index] = keep - h
            below = net.loss(x, t)
            p[index] = keep
            n.append((above - below) / (2 * h))
        n = np.array(n)
        errors[key] = np.linalg.norm(a - n) / max(np.linalg.norm(a) + np.linalg.norm(n), 1e-12)
        print(key, "ok" if errors[key] < 1e-5 else "look here")
    return errors
