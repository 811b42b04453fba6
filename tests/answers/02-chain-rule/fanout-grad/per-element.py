"""A list of the elements, put back into the shape of x."""

def fanout_grad(x):
    if isinstance(x, (int, float)):
        return 2 * x + 3
    return np.array([2 * v + 3 for v in x.ravel()]).reshape(x.shape)
