"""Numerical gradients by central differences: one at a time, and many at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

STEP = 1e-5


def central_difference(f: Callable, x, h: float = STEP):
    """Return the gradient of the scalar ``f(x)`` by ``(f(x + h) - f(x - h)) / 2h``.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of ``x`` and returns one number.
    x : float or ndarray
        Where to differentiate. An ndarray of floats is nudged in place, one element
        at a time, and restored even when ``f`` raises: a function that ignores its
        argument and reads the same array (the loss of a network) works too.
    h : float
        The step, in the units of ``x``.

    Returns
    -------
    float or ndarray
        The gradient, shaped like ``x``.
    """
    if np.ndim(x) == 0 and not isinstance(x, np.ndarray):
        return float((float(f(x + h)) - float(f(x - h))) / (2 * h))
    array = x if isinstance(x, np.ndarray) and x.dtype == np.float64 else np.array(x, dtype=float)
    grad = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]
        try:
            array[index] = value + h
            above = float(f(array))
            array[index] = value - h
            below = float(f(array))
        finally:
            array[index] = value
        grad[index] = (above - below) / (2 * h)
    return grad


def central_difference_affine(
    loss: Callable, x: np.ndarray, W: np.ndarray, b: np.ndarray, h: float = STEP, chunk: int = 512
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numerical ``dW, db`` of ``loss(x @ W + b)``, every weight nudged.

    Nudging ``W[i, j]`` by ``h`` moves column ``j`` of ``z = x @ W + b`` by ``h * x[:, i]``
    and nothing else. So each nudge costs one addition to ``z`` in place of a whole
    matrix product, and a chunk of nudges is one call of ``loss``. It stays a central
    difference: the loss is evaluated twice for each weight and no derivative is used.

    Parameters
    ----------
    loss : callable
        Takes pre-activations, shape ``(K, N, M)``, and returns ``K`` numbers.
    x : ndarray, shape (N, D)
        The input of the affine map.
    W : ndarray, shape (D, M)
    b : ndarray, shape (M,)
    h : float
        The step.
    chunk : int
        How many nudges go into one call; bounds the memory.
    """
    z = x @ W + b

    def directional(directions: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Nudge column ``columns[k]`` of z along ``directions[k]``, shape (K, N)."""
        out = np.empty(len(columns))
        for start in range(0, len(columns), chunk):
            part = slice(start, start + chunk)
            column, direction = columns[part], directions[part]
            rows = np.arange(len(column))
            stack = np.broadcast_to(z, (len(column), *z.shape)).copy()
            stack[rows, :, column] = z.T[column] + h * direction
            above = np.array(loss(stack), dtype=float)
            stack[rows, :, column] = z.T[column] - h * direction
            out[part] = (above - np.asarray(loss(stack), dtype=float)) / (2 * h)
        return out

    n_in, n_out = W.shape
    row, column = np.divmod(np.arange(n_in * n_out), n_out)
    dW = directional(x.T[row], column).reshape(n_in, n_out)
    db = directional(np.ones((n_out, len(x))), np.arange(n_out))
    return dW, db
