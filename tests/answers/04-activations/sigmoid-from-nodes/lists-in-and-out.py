"""Two lists, filled as the sweeps go."""

import numpy as np


def sigmoid_from_nodes(x, dout):
    values = [x * -1.0]
    values.append(np.exp(values[-1]))
    values.append(values[-1] + 1)
    values.append(np.reciprocal(values[-1]))
    a, b, c, y = values

    grads = [dout]
    for local in (-1 / (c * c), 1, b, -1):
        grads.append(grads[-1] * local)
    return [values, grads[1:]]
