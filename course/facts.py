"""What can be said about a wrong value without giving the right one away."""

from __future__ import annotations

import numpy as np

RTOL = 1e-9
ATOL = 1e-11


class NotPlain(TypeError):
    """Raised for a value that is no plain number or numeric array; says what it is."""


def plain_array(value) -> np.ndarray:
    """Return a number or a numeric array as a float64 or integer ndarray.

    Raises
    ------
    NotPlain
        For anything else: None, text, lists, booleans, objects, complex numbers and
        subclasses of ndarray, whose own operators could decide a comparison.
    """
    if value is None:
        raise NotPlain("is None: is a return or an assignment missing?")
    if isinstance(value, (bool, np.bool_)):
        raise NotPlain("is a bool, not a number")
    if type(value) in (int, float) or isinstance(value, (np.floating, np.integer)):
        return np.asarray(value)
    if type(value) is not np.ndarray:
        # A stand-in for an object in another process says itself what that object is.
        about = getattr(value, "__about__", f"a {type(value).__name__}")
        raise NotPlain(f"is {about}, not a number or a numpy array")
    if value.dtype.kind not in "fiu":
        raise NotPlain(f"is an array of {value.dtype}, not of numbers")
    return value


def _constant_factor(got: np.ndarray, expected: np.ndarray) -> float | None:
    """Return c when ``got`` is ``c * expected`` everywhere and c is not 1."""
    big = np.abs(expected) > 1e-8 * (np.abs(expected).max(initial=0.0) or 1.0)
    if not big.any() or expected.size < 1:
        return None
    ratio = float(np.median(got[big] / expected[big]))
    if not np.isfinite(ratio) or ratio == 0 or abs(ratio - 1) < 1e-6:
        return None
    return ratio if np.allclose(got, ratio * expected, rtol=1e-6, atol=1e-12) else None


def mismatch(
    got, expected, *, rtol: float = RTOL, atol: float = ATOL, shapes: tuple = ()
) -> str | None:
    """Return why ``got`` is not ``expected``, or None when it is.

    The reason is the first that holds of: not a plain number or array, wrong shape
    (both shapes named, and whether a transpose would fit), NaN or infinity, a constant factor
    of the right value, transposed, values differ. It names no expected value.

    Parameters
    ----------
    got, expected : number or ndarray
        What was answered and what is right.
    rtol, atol : float
        As in `numpy.isclose`.
    shapes : tuple of tuple
        Further shapes that are welcome; their values are compared after a reshape.
    """
    try:
        got = plain_array(got)
    except NotPlain as error:
        return str(error)
    expected = np.asarray(expected, dtype=float)
    if got.shape != expected.shape:
        if got.shape not in shapes:
            hint = ", its transpose would fit" if got.T.shape == expected.shape else ""
            return f"has shape {got.shape}, wanted {expected.shape}{hint}"
        got = got.reshape(expected.shape)
    got = got.astype(float)
    if np.isnan(got).any():
        return "contains NaN"
    if not np.isfinite(got).all() and np.isfinite(expected).all():
        return "contains infinity"
    if np.allclose(got, expected, rtol=rtol, atol=atol):
        return None
    if expected.size > 1 and not got.any():
        return "is zero everywhere"
    factor = _constant_factor(got, expected)
    # A single number is always a multiple of another: only a telling factor is worth a word.
    telling = (-1.0, 2.0, 0.5, -2.0, -0.5)
    if factor is not None and (expected.size > 2 or any(abs(factor - t) < 1e-6 for t in telling)):
        where = "everywhere " if expected.size > 1 else ""
        return f"is {where}{factor:.4g} times the right value"
    square = expected.ndim == 2 and expected.shape[0] == expected.shape[1]
    if square and np.allclose(got.T, expected, rtol=rtol, atol=atol):
        return "is transposed"
    wrong = int((~np.isclose(got, expected, rtol=rtol, atol=atol)).sum())
    return (
        f"has {wrong} wrong values out of {expected.size}" if expected.size > 1 else "is not right"
    )


def show(value) -> str:
    """Return a short text of a number or a small array, for a message."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=24, edgeitems=2, separator=", ")
        return text.replace("\n", "\n" + " " * 9)
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.6g}"
    text = repr(value)
    return text if len(text) < 200 else text[:197] + "..."
