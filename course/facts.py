"""What can be said about a wrong value without giving the right one away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ._language import _, close_up

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
        raise NotPlain(_("is None: is a return or an assignment missing?"))
    if isinstance(value, (bool, np.bool_)):
        raise NotPlain(_("is a bool, not a number"))
    if type(value) in (int, float) or isinstance(value, (np.floating, np.integer)):
        return np.asarray(value)
    if type(value) is not np.ndarray:
        # A stand-in for an object in another process says itself what that object is.
        about = getattr(value, "__about__", _("a {kind}").format(kind=type(value).__name__))
        raise NotPlain(_("is {about}, not a number or a numpy array").format(about=about))
    if value.dtype.kind not in "fiu":
        raise NotPlain(_("is an array of {dtype}, not of numbers").format(dtype=value.dtype))
    return value


@dataclass(frozen=True)
class Fact:
    """One thing that is true of a wrong value.

    Attributes
    ----------
    kind : str
        ``'type'``, ``'shape'``, ``'dtype'``, ``'finite'``, ``'zero'``, ``'factor'``,
        ``'transposed'``, ``'input'``, ``'other'``, ``'shift'``, ``'sign'``, ``'size'``, ``'place'`` or
        ``'element'``: the last says no more than where the values differ.
    text : str
        Follows a name, as in "dW has shape (3,), wanted (3, 2)".
    key : str
        Equal for two facts that say the same of two values: "4 times, as many as rows".
    """

    kind: str
    text: str
    key: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", close_up(self.text))
        object.__setattr__(self, "key", self.key or self.text)


def _close(got: np.ndarray, value: np.ndarray) -> bool:
    """Return whether two arrays are one up to rounding, small elements as well as large ones."""
    scale = np.abs(value).max(initial=0.0)
    return np.allclose(got, value, rtol=1e-6, atol=1e-12 * min(scale, 1.0))


def _constant_factor(got: np.ndarray, expected: np.ndarray) -> float | None:
    """Return c when ``got`` is ``c * expected`` everywhere and c is not 1."""
    big = np.abs(expected) > 1e-8 * (np.abs(expected).max(initial=0.0) or 1.0)
    if not big.any() or expected.size < 1:
        return None
    ratio = float(np.median(got[big] / expected[big]))
    if not np.isfinite(ratio) or ratio == 0 or abs(ratio - 1) < 1e-4:
        return None
    # 1e-5: a loss with a 1e-7 inside its logarithm is as right as one without
    return ratio if np.allclose(got, ratio * expected, rtol=1e-5, atol=1e-12) else None


def _sizes(given: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    """Yield the lengths that a mean or a sum may have gone over, and what they are."""
    for name, value in given.items():
        if isinstance(value, np.ndarray) and value.ndim == 2:
            yield _("the number of rows of {name}").format(name=name), value.shape[0]
            yield _("the number of columns of {name}").format(name=name), value.shape[1]
            yield _("the number of elements of {name}").format(name=name), value.size
        elif isinstance(value, np.ndarray) and value.ndim == 1:
            yield _("the number of elements of {name}").format(name=name), value.size


def _factor_facts(got, expected, given, several) -> Iterator[Fact]:
    factor = _constant_factor(got, expected)
    if factor is None:
        return
    where = _("everywhere ") if expected.size > 1 else ""
    said = _("is {everywhere}{factor:.4g} times the right value")
    plain = Fact("factor", said.format(everywhere=where, factor=factor))
    # A single number is always a multiple of another: only a telling factor is worth a word.
    telling = any(abs(factor - t) < 1e-5 for t in (-1.0, 2.0, 0.5, -2.0, -0.5))
    if telling:
        yield plain
    for name, size in _sizes(given):
        for c, word, minus in (
            (size, _("{size} times"), _("minus {size} times")),
            (1 / size, _("1/{size} of"), _("minus 1/{size} of")),
        ):
            if size > 1 and abs(abs(factor) - c) < 1e-5 * c:
                times = minus if factor < 0 else word
                said = _("is {everywhere}{times} the right value; {size} is {what}")
                text = said.format(
                    everywhere=where, times=times.format(size=size), size=size, what=name
                )
                yield Fact("factor", text, f"is {times} the right value; {name}")
    if not telling and (expected.size > 2 or several):
        yield plain


def _fits(value, shape: tuple) -> np.ndarray | None:
    """Return ``value`` as an array if it has the shape that is wanted, else None."""
    try:
        array = plain_array(value).astype(float)
    except NotPlain:
        return None
    return array if array.shape == shape and np.isfinite(array).all() else None


def _input_facts(got, expected, given, others, several) -> Iterator[Fact]:
    """Yield facts that join the value to what went in, or to what else came out."""
    for name, value in given.items():
        array = _fits(value, expected.shape)
        if array is not None and array.any() and _close(got, array):
            yield Fact("input", _("equals {name} itself").format(name=name))
    for name, value in others.items():
        array = _fits(value, expected.shape)
        if array is not None and array.any() and _close(got, array):
            yield Fact("other", _("equals the right value of {name}").format(name=name))
    for name, value in given.items():
        array = _fits(value, expected.shape)
        if array is None or not array.any() or (np.abs(np.abs(array) - 1) < 1e-9).all():
            continue
        if array.size <= 2 and not several and not (array % 1).all():
            continue  # of a few whole numbers too much is true by chance
        with np.errstate(all="ignore"):
            for relation, other in (
                (_("is the right value plus {name}"), expected + array),
                (_("is the right value minus {name}"), expected - array),
                (_("is the right value times {name}"), expected * array),
                (_("is the right value divided by {name}"), expected / array),
            ):
                if np.isfinite(other).all() and _close(got, other):
                    yield Fact("input", relation.format(name=name))


def _pattern_facts(got, expected, rtol, atol, several) -> Iterator[Fact]:
    """Yield facts about how the elements are wrong."""
    right = np.isclose(got, expected, rtol=rtol, atol=atol)
    shift = got - expected
    one = float(np.median(shift))
    telling = expected.size > 1 or several or abs(abs(one) - 1) < 1e-9
    if telling and one and _close(shift, np.full_like(shift, one)):
        where = _("everywhere ") if expected.size > 1 else ""
        said = (
            _("is {everywhere}{amount:.4g} more than the right value")
            if one > 0
            else _("is {everywhere}{amount:.4g} less than the right value")
        )
        text = said.format(everywhere=where, amount=abs(one))
        yield Fact("shift", text, f"is {one:.4g} more")
    if expected.size > 1 and _close(np.abs(got), np.abs(expected)):
        said = _("has the right size but the wrong sign in {count} places")
        yield Fact("sign", said.format(count=int((~right).sum())), "sign")
    with np.errstate(all="ignore"):
        times = np.abs(got / expected)
    if (times > 1000).all():
        yield Fact("size", _("is more than a thousand times too large"))
    elif (times < 1e-3).all():
        yield Fact("size", _("is more than a thousand times too small"))


def _sides(name: str, array: np.ndarray, wrong: np.ndarray) -> Iterator[tuple[str, str]]:
    """Yield what tells the inputs of wrong elements from those of right ones, and of what.

    Of numbers with signs -2 is the lowest and may be the largest: *small* and *large* are said
    of sizes alone.
    """
    if (array < 0).any():
        for side, where_wrong, where_right in (
            (
                array < 0,
                _("is wrong where {what} is negative and right where it is not"),
                _("is right where {what} is negative and wrong where it is not"),
            ),
            (
                array > 0,
                _("is wrong where {what} is positive and right where it is not"),
                _("is right where {what} is positive and wrong where it is not"),
            ),
        ):
            if (wrong == side).all():
                yield where_wrong, name
            elif (wrong != side).all():
                yield where_right, name
    small = _("is wrong where {what} is small and right where it is large")
    large = _("is wrong where {what} is large and right where it is small")
    low = _("is wrong where {what} is low and right where it is high")
    high = _("is wrong where {what} is high and right where it is low")
    size_of = _("the size of {name}").format(name=name)
    by_value = (name, array, low, high) if (array < 0).any() else (name, array, small, large)
    by_size = (size_of, np.abs(array), small, large)
    ways = (by_size, by_value) if (array < 0).any() else (by_value, by_size)
    for what, numbers, below, above in ways:
        if numbers[wrong].max() < numbers[~wrong].min():
            yield below, what
        elif numbers[wrong].min() > numbers[~wrong].max():
            yield above, what


def _place_facts(got, expected, rtol, atol, given) -> Iterator[Fact]:
    """Yield facts about which elements are wrong and which are right."""
    right = np.isclose(got, expected, rtol=rtol, atol=atol)
    if expected.size < 3 or not right.any():
        return
    wrong = ~right
    if not got[wrong].any():
        yield Fact("place", _("is zero where it should not be, and right elsewhere"))
    elif not expected[wrong].any():
        yield Fact("place", _("is not zero where it should be, and right elsewhere"))
    for name, value in given.items():
        array = _fits(value, expected.shape)
        if array is None:
            continue
        for said, what in _sides(name, array, wrong):
            yield Fact("place", said.format(what=what))
    for axis, wrong_there, right_there in (
        (0, _("is wrong in row {number} alone"), _("is right in row {number} alone")),
        (1, _("is wrong in column {number} alone"), _("is right in column {number} alone")),
    ):
        if expected.ndim == 2 and expected.shape[axis] > 2 and wrong.sum() > 1:
            bad = wrong.any(axis=1 - axis)
            if bad.sum() == 1:
                yield Fact("place", wrong_there.format(number=int(bad.argmax())))
            elif bad.sum() == bad.size - 1:
                yield Fact("place", right_there.format(number=int(bad.argmin())))


def _all_close(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    """Return what `numpy.allclose` does; for finite numbers at a fifth of its time."""
    with np.errstate(invalid="ignore"):
        near = np.abs(got - expected) <= atol + rtol * np.abs(expected)
    return bool(near.all()) or np.allclose(got, expected, rtol=rtol, atol=atol)


def facts(
    got,
    expected,
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    shapes: tuple = (),
    given: Mapping[str, object] | None = None,
    others: Mapping[str, object] | None = None,
    several: bool = False,
) -> Iterator[Fact]:
    """Yield what is true of a wrong value, the most telling first; nothing for a right one.

    Parameters
    ----------
    got, expected : number or ndarray
        What was answered and what is right.
    rtol, atol : float
        As in `numpy.isclose`.
    shapes : tuple of tuple
        Further shapes that are welcome; their values are compared after a reshape.
    given : mapping, optional
        What went in, by name: the upstream gradient, the inputs of the layer.
    others : mapping, optional
        The right values of what else came out, by name.
    several : bool
        Yield also what is true of a single number by chance, such as a factor of 1.3: for a
        caller that looks at several values, and believes what is true of all.
    """
    try:
        got = plain_array(got)
    except NotPlain as error:
        yield Fact("dtype" if type(got) is np.ndarray else "type", str(error))
        return
    expected = np.asarray(expected, dtype=float)
    given, others = given or {}, others or {}
    if got.shape != expected.shape:
        if got.shape not in shapes:
            said = (
                _("has shape {shape}, wanted {wanted}, its transpose would fit")
                if got.T.shape == expected.shape
                else _("has shape {shape}, wanted {wanted}")
            )
            yield Fact("shape", said.format(shape=got.shape, wanted=expected.shape))
            return
        got = got.reshape(expected.shape)
    kind, got = got.dtype, got.astype(float)
    if np.isnan(got).any():
        yield Fact("finite", _("contains NaN"))
        return
    if not np.isfinite(got).all() and np.isfinite(expected).all():
        yield Fact("finite", _("contains infinity"))
        return
    if _all_close(got, expected, rtol, atol):
        return
    if kind.kind in "iu" and expected.ndim and (expected % 1).any():
        said = _("holds whole numbers only ({dtype}): its digits were cut off")
        yield Fact("dtype", said.format(dtype=kind))
    elif kind.itemsize < 8 and np.allclose(got, expected, rtol=1e-2 if kind.itemsize < 4 else 1e-5):
        yield Fact("dtype", _("has lost its digits to {dtype}").format(dtype=kind))
    if not got.any():
        yield Fact("zero", _("is zero everywhere") if expected.size > 1 else _("is zero"))
        return
    yield from _factor_facts(got, expected, given, several)
    square = expected.ndim == 2 and expected.shape[0] == expected.shape[1]
    if square and np.allclose(got.T, expected, rtol=rtol, atol=atol):
        yield Fact("transposed", _("is transposed"))
    yield from _input_facts(got, expected, given, others, several)
    yield from _pattern_facts(got, expected, rtol, atol, several)
    yield from _place_facts(got, expected, rtol, atol, given)
    if expected.size == 1:
        yield Fact("element", _("is not right"))
        return
    wrong = ~np.isclose(got, expected, rtol=rtol, atol=atol)
    first = ", ".join(str(int(i)) for i in np.unravel_index(wrong.argmax(), wrong.shape))
    count = int(wrong.sum())
    said = _("has {count} wrong values out of {size}, the first at [{first}]")
    yield Fact("element", said.format(count=count, size=wrong.size, first=first))


def mismatch(got, expected, **options) -> str | None:
    """Return why ``got`` is not ``expected``, or None when it is.

    The reason is the first of `facts`, which has the parameters: not a plain number or
    array, wrong shape (both shapes named, and whether a transpose would fit), dtype, NaN or
    infinity, a constant factor of the right value, transposed, equal to something else,
    values differ. It names no expected value.
    """
    first = next(facts(got, expected, **options), None)
    return None if first is None else first.text


def show(value) -> str:
    """Return a short text of a number or a small array, for a message."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=24, edgeitems=2, separator=", ")
        return text.replace("\n", "\n" + " " * 9)
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.6g}"
    text = repr(value)
    return text if len(text) < 200 else text[:197] + "..."
