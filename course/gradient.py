"""Numerical gradients and the gradient check: one definition for the whole course.

The check: central difference in float64 with ``h = 1e-5``; the error of a parameter
is ``||a - n|| / max(||a|| + ||n||, 1e-12)`` over the whole array; below 1e-5 it
passes, below 1e-3 it warns, else it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ._language import _
from ._switch import require_engine

STEP = 1e-5
PASS_BELOW = 1e-5
WARN_BELOW = 1e-3


def numerical_gradient(f: Callable, x, h: float = STEP):
    """Return the gradient of the scalar ``f`` at ``x`` by ``(f(x + h) - f(x - h)) / 2h``.

    ``x`` is a number or an array of any shape; an array of float64 is nudged in place
    and restored, so ``f`` may read the array instead of its argument.

    Raises
    ------
    EngineOff
        In a graded run: unit 01 asks for this very function.
    """
    require_engine("course.gradient.numerical_gradient")
    from ._engine.numeric import central_difference

    return central_difference(f, x, h)


def numerical_gradient_affine(
    loss: Callable, x: np.ndarray, W: np.ndarray, b: np.ndarray, h: float = STEP
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numerical ``dW, db`` of ``loss(x @ W + b)``, all weights nudged in batches.

    ``loss`` takes pre-activations of shape ``(K, N, M)`` and returns ``K`` numbers.

    Raises
    ------
    EngineOff
        In a graded run.
    """
    require_engine("course.gradient.numerical_gradient_affine")
    from ._engine.numeric import central_difference_affine

    return central_difference_affine(loss, x, W, b, h)


def relative_error(analytic, numeric) -> float:
    """Return ``||a - n|| / max(||a|| + ||n||, 1e-12)`` over the whole array.

    Norms and not elements: one element near zero would make an elementwise ratio
    large on a correct network. NaN anywhere gives NaN, which passes no comparison.

    Raises
    ------
    ValueError
        If the shapes differ; the message names both.
    """
    a, n = np.asarray(analytic, dtype=float), np.asarray(numeric, dtype=float)
    if a.shape != n.shape:
        said = _("the gradients have shapes {first} and {second}")
        raise ValueError(said.format(first=a.shape, second=n.shape))
    scale = np.linalg.norm(a.ravel()) + np.linalg.norm(n.ravel())
    return float(np.linalg.norm((a - n).ravel()) / max(scale, 1e-12))


def judge_error(error: float) -> str:
    """Return ``'pass'``, ``'warn'`` or ``'fail'`` for a relative error; NaN fails."""
    if error < PASS_BELOW:
        return "pass"
    return "warn" if error < WARN_BELOW else "fail"


def gradient_check(
    loss: Callable[[], float],
    params: Mapping[str, np.ndarray],
    grads: Mapping[str, np.ndarray],
    h: float = STEP,
) -> dict[str, float]:
    """Return the relative error of each claimed gradient against a numerical one.

    Parameters
    ----------
    loss : callable
        Takes nothing and returns the loss at the present values of ``params``.
    params : mapping of str to ndarray
        The arrays that ``loss`` reads; nudged in place and restored.
    grads : mapping of str to ndarray
        The analytic gradient of each parameter.

    Raises
    ------
    EngineOff
        In a graded run: unit 06 asks for a gradient check.
    KeyError
        If a parameter has no gradient; the message names it.
    """
    require_engine("course.gradient.gradient_check")
    from ._engine.numeric import central_difference

    missing = sorted(set(params) - set(grads))
    if missing:
        said = _("no gradient was given for {names}")
        raise KeyError(said.format(names=", ".join(missing)))
    return {
        name: relative_error(grads[name], central_difference(lambda _same: loss(), array, h))
        for name, array in params.items()
    }
