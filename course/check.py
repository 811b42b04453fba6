"""Check cells: parts that are tried one by one, a score and a reason for each that fails.

A check cell makes a `Check`, adds parts and ends in `Check.score`:

    check = Check("mul-layer", points=2)

    @check.part("forward: 2 x 3", hint="forward returns the product of its two inputs.")
    def _():
        check.value("out", call(MulLayer().forward, 2.0, 3.0), 6.0)

    check.score()

The same cell runs in a reader's notebook, in plain nbgrader and in the grader, where
``MulLayer`` is a stand-in for a class that lives in another process. So a part calls,
reads attributes and compares plain data, and never looks inside an object.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import itertools
import os
import sys
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from . import facts
from ._language import N_, _, close_up, fill, joined, shown
from .gradient import PASS_BELOW, STEP, relative_error

SEED_VARIABLE = "COURSE_PROBE_SEED"
HANGING = " " * 9, " " * 15  # before the first line of a hint, and before the others
NOT_WRITTEN = N_("is not written yet: its raise NotImplementedError() is still there")
PASSED, FAILED = N_("ok   "), N_("WRONG")
LONGEST = 4000  # characters of a reason, which may quote a text that was answered


class Mismatch(AssertionError):
    """Raised in a part when an answer is wrong.

    Attributes
    ----------
    name : str
        What was looked at, such as ``dW``.
    reason : str
        Why it is wrong; gives no expected value away.
    detail : str
        Expected and got, for a visible check alone.
    """

    def __init__(self, name: str, reason: str, detail: str = "") -> None:
        super().__init__(close_up(joined(name, reason)))
        self.name, self.reason, self.detail = name, reason, detail


@dataclass(frozen=True)
class PartResult:
    """The outcome of one part: what it looked at, its weight and why it failed."""

    what: str
    weight: float
    passed: bool
    reason: str = ""
    detail: str = ""
    hint: str = ""


def _snapshot(value):
    """Return a copy of the arrays and containers in ``value``; other objects as they are."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(_snapshot(v) for v in value)
    if type(value) is dict:
        return {k: _snapshot(v) for k, v in value.items()}
    return value


@dataclass
class _Call:
    """One call of an answer by a part: what it was given, and what came of it."""

    name: str
    owner: object
    given: tuple
    changed: list[str]
    result: object = None
    differs: bool = False

    def inputs(self) -> dict[str, object]:
        """Return what the call was given, by what a message calls it."""
        if self.name == "backward":
            return dict(zip((_("the upstream gradient"),), self.given, strict=False))
        places = (
            _("the first input of {function}"),
            _("the second input of {function}"),
            _("the third input of {function}"),
            _("the fourth input of {function}"),
            _("the fifth input of {function}"),
        )
        function = self.name or _("the function")
        return {p.format(function=function): v for p, v in zip(places, self.given, strict=False)}

    def leave(self, args: tuple, result) -> None:
        """Note the result, and which inputs are no longer what they were."""
        self.result = _snapshot(result)
        changed = [not _alike(a, b) for a, b in zip(self.given, args, strict=False)]
        if any(changed):
            self.changed = list(itertools.compress(self.inputs(), changed))
        self.differs = any(
            other is not self
            and other.owner is self.owner is not None
            and other.name == self.name
            and _alike(other.given, self.given)
            and not _alike(other.result, self.result)
            for other in _calls
        )


def _alike(a, b) -> bool:
    """Return whether two plain values are the same; objects are alike if they are one."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        same = type(a) is type(b) and a.shape == b.shape and a.dtype == b.dtype
        return same and (a.dtype.kind == "O" or a.tobytes() == b.tobytes())
    if type(a) is not type(b):
        return False
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(_alike, a, b))
    if type(a) is dict:
        return list(a) == list(b) and all(map(_alike, a.values(), b.values()))
    return not isinstance(a, (int, float, str)) or a == b or a != a


class _Calls(list):
    """The calls of one part, to say of a wrong value where it may have come from."""

    def enter(self, f: Callable, args: tuple, kwargs: dict) -> _Call:
        """Note a call that is about to be made."""
        # A stand-in has no __name__; the words that messages have for it end in it.
        name = getattr(f, "__name__", None) or str(getattr(f, "_label_", "")).rpartition(".")[2]
        one = _Call(str(name), getattr(f, "__self__", None), _snapshot(args), [])
        if len(self) < 50:  # a part that calls in a loop has told enough by then
            self.append(one)
        return one

    def inputs(self) -> dict[str, object]:
        """Return what went in, by name; of the same name the latest."""
        return {name: value for one in self for name, value in one.inputs().items()}

    def conduct(self) -> str:
        """Return in words what the calls did that they should not have done, or nothing."""
        for one in self:
            if one.changed:
                said = _("; {function} has changed {input} in place")
                return said.format(function=one.name, input=one.changed[0])
        again = next((one for one in self if one.differs), None)
        said = _("; {function} gives something else when it is called again")
        return said.format(function=again.name) if again else ""


_calls = _Calls()


def call(f: Callable, *args, **kwargs):
    """Return ``f(*args, **kwargs)`` on copies of the arguments, and copy what it returns.

    An answer that changes its inputs in place, or later changes what it returned, so
    harms nobody but itself.
    """
    before = args, kwargs = _snapshot(args), _snapshot(kwargs)
    known = _calls.enter(f, *before)
    result = _snapshot(f(*args, **kwargs))
    known.leave(args, result)
    return result


def call_and_inputs(f: Callable, *args):
    """Return ``f(*args)`` and what it left in its arguments: ``(result, args_after)``.

    To ask whether an answer changed its inputs. The arguments are copies, as in `call`.
    """
    args = _snapshot(args)
    remote = getattr(f, "__call_and_inputs__", None)
    if remote is not None:  # a stand-in: the copies live in another process
        return remote(*args)
    result = f(*args)
    return _snapshot(result), _snapshot(args)


def shared(array: np.ndarray) -> np.ndarray:
    """Return an array that the answer will hold by reference when it is passed on.

    ``W = shared(W)``, then ``layer = Affine(W, b)``, then ``W[...] = other`` changes the
    weights of the layer too, as an update by gradient descent does.
    """
    return _share(array)


def _share(array: np.ndarray) -> np.ndarray:
    """In one process a copy is enough; a grader with two puts its own function here."""
    return np.array(array, dtype=float)


def _own_line(error: BaseException, ours: str) -> str:
    """Return where in the student's code ``error`` was raised, as text for a message."""
    remote = getattr(error, "where", None)  # an error from the student's own process says it
    if remote is not None:
        return remote
    here = os.path.dirname(__file__)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        name = frame.filename
        if name == ours or name.startswith(here) or os.sep + "site-packages" + os.sep in name:
            continue
        if not frame.line:
            return _(" (line {number} of your cell)").format(number=frame.lineno)
        if os.path.isfile(name):  # a layer of the toolbox; a cell is no file
            said = _(" (line {number} of {file}: {code})")
        else:
            said = _(" (line {number} of your cell: {code})")
        return said.format(number=frame.lineno, file=os.path.basename(name), code=frame.line)
    return ""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name among ``known`` that was probably meant, if there is one.

    >>> nearest("dW", ["db", "dw", "dx"]), nearest("forward", ["foward"]), nearest("dx", ["out"])
    ('dw', 'foward', None)
    """
    by_small = {n.lower(): n for n in reversed(list(known))}
    near = difflib.get_close_matches(name.lower(), by_small, n=1, cutoff=0.6)
    return by_small[near[0]] if near else None


def _explain(error: Exception, ours: str) -> str:
    """Return one line that says why a part ended in ``error``."""
    if isinstance(error, NotImplementedError):
        return str(error) or _(NOT_WRITTEN)
    where = _own_line(error, ours)
    if isinstance(error, AttributeError) and error.name:
        owner = error.obj if isinstance(error.obj, type) else type(error.obj)
        known = [n for n in dir(error.obj) if not n.startswith("_")]
        near = nearest(error.name, known)
        found = _("; found {name!r}").format(name=near) if near else ""
        said = _("{kind} has no {name!r}").format(kind=owner.__name__, name=error.name)
        return f"{said}{found}{where}"
    if not where and "NoneType" in str(error):  # a line of the check: (dx, dy) = None
        return _("gives None: is a return missing? ({error})").format(error=error)
    if not where and "unpack" in str(error):  # (dx, dy) = one number
        return _("gives the wrong number of values ({error})").format(error=error)
    said = _("stopped with {kind}: {error}")
    return said.format(kind=type(error).__name__, error=str(error)[:300]) + where


def _compared(expected, got) -> str:
    """Return the two lines that a visible check shows of a wrong value."""
    lines = _("expected {expected}\n     got {got}")
    return lines.format(expected=facts.show(expected), got=facts.show(got))


class Check:
    """One check cell of an exercise.

    Parameters
    ----------
    exercise : str
        The grade_id of the answer cell, such as ``'mul-layer'``.
    points : float
        What the cell is worth; the same number as in its nbgrader metadata.
    hidden : bool
        A hidden check says why a part failed, but never shows an expected value.

    Attributes
    ----------
    rng : numpy.random.Generator
        Fresh probes. The seed comes from the exercise and from ``COURSE_PROBE_SEED``
        (0 when it is not set), so that a class meets the same probes and a new term
        may meet others.
    results : list of PartResult
        What has been tried so far.
    """

    def __init__(self, exercise: str, points: float, hidden: bool = False) -> None:
        self.exercise, self.points, self.hidden = exercise, float(points), hidden
        term = int(os.environ.get(SEED_VARIABLE, "0"))
        label = f"{exercise}-{'hidden' if hidden else 'check'}-{points:g}"
        self.rng = np.random.default_rng([term, zlib.crc32(label.encode())])
        self.results: list[PartResult] = []
        self._rights: dict[str, object] = {}  # what was right so far, by name

    def part(self, what: str, weight: float = 1, hint: str = "") -> Callable:
        """Try the decorated function at once; it passes when it returns.

        Warnings and prints of the student's code cannot cost a point: nbgrader reads
        anything on stderr as a failure, so nothing is left to reach it.

        Parameters
        ----------
        what : str
            What is judged, in the words that the student will read.
        weight : float
            Its share of the points of the cell, relative to the other parts.
        hint : str
            Shown by a visible check when the part fails.
        """

        def run(function: Callable[[], None]) -> Callable[[], None]:
            passed, reason, detail = False, "", ""
            with contextlib.ExitStack() as stack:
                sink = io.StringIO() if self.hidden else sys.stdout
                stack.enter_context(contextlib.redirect_stderr(sink))
                if self.hidden:
                    stack.enter_context(contextlib.redirect_stdout(sink))
                stack.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore" if self.hidden else "default")
                stack.enter_context(np.errstate(all="ignore"))
                _calls.clear()
                try:
                    function()
                    passed = True
                except Mismatch as error:
                    reason, detail = str(error), error.detail
                except (Exception, SystemExit) as error:
                    reason = _explain(error, function.__code__.co_filename)
            reason, detail = str(reason)[:LONGEST], detail[:LONGEST]
            part = PartResult(shown(what), weight, passed, reason, detail, shown(hint))
            self.results.append(part)
            return function

        return run

    def _mismatch(self, name: str, got, expected, **options) -> str | None:
        """Return the first fact about a wrong value, told by what this part called before."""
        others = {n: v for n, v in self._rights.items() if n != name}
        if len(self._rights) < 50:
            self._rights[name] = expected
        if facts.mismatch(got, expected, **options) is None:  # as most are: no words are needed
            return None
        others = {shown(n): v for n, v in others.items()}
        fact = next(facts.facts(got, expected, given=_calls.inputs(), others=others, **options))
        plain = fact.kind in ("type", "shape", "dtype")
        return fact.text if plain else fact.text + _calls.conduct()

    def value(self, name: str, got, expected, **options) -> None:
        """Fail the part unless ``got`` has the shape and the values of ``expected``.

        Parameters
        ----------
        name : str
            What it is, such as ``'dW'``.
        got, expected : number or ndarray
            Compared at a relative 1e-9 unless told otherwise: an exact formula passes,
            a numerical derivative is seen.
        **options
            ``rtol``, ``atol`` and ``shapes`` of `course.facts.mismatch`.
        """
        reason = self._mismatch(name, got, expected, **options)
        if reason is not None:
            raise Mismatch(shown(name), reason, _compared(expected, got))

    def gradient(self, name: str, got, f: Callable, x, exact=None, **options) -> None:
        """Fail the part unless ``got`` is the gradient of the scalar ``f`` at ``x``.

        Parameters
        ----------
        name : str
            What it is, such as ``'dW'``.
        got : number or ndarray
            The gradient that was answered.
        f : callable
            The scalar function to nudge; give it the reference and not the answer, so
            that one mistake is not paid for twice.
        x : float or ndarray
            Where to nudge it.
        exact : number or ndarray, optional
            The gradient by formula; compared at a relative 1e-11 besides, which an exact
            formula meets and a numerical derivative does not.
        **options
            ``shapes`` of `course.facts.mismatch`.
        """
        from ._engine.numeric import central_difference

        numeric = central_difference(f, _snapshot(x), STEP)
        # Shape, type and telling facts first; the loose bound leaves the verdict to the norm.
        error = None
        reason = self._mismatch(name, got, numeric, rtol=1e-3, atol=1e-6, **options)
        if reason is None:
            error = relative_error(np.reshape(got, np.shape(numeric)), numeric)
            # Rounding noise around a gradient of zero has a large relative error and no meaning.
            tiny = np.linalg.norm(np.ravel(got) - np.ravel(numeric)) < 1e-8
            if not (error < PASS_BELOW or tiny):
                said = _("differs from the numerical gradient: relative error {error:.1e}")
                reason = said.format(error=error)
        # 1e-11 is below what a central difference in float64 can reach.
        strict = {"rtol": 1e-11, "atol": 1e-13} | options
        if reason is None and exact is not None and facts.mismatch(got, exact, **strict):
            reason = _("agrees with the numerical gradient only roughly: is it a formula?")
        if reason is not None:
            raise Mismatch(shown(name), reason, _compared(numeric, got))

    def same(self, name: str, got, expected) -> None:
        """Fail the part unless ``got`` equals ``expected``: text, lists, names, counts."""
        if type(got) is not type(expected):
            said = _("is a {kind}, wanted a {wanted}")
            reason = said.format(kind=type(got).__name__, wanted=type(expected).__name__)
        elif got != expected:
            reason = _("is not right")
        else:
            return
        raise Mismatch(shown(name), reason, _compared(expected, got))

    def that(self, condition: bool, name: str, reason: str) -> None:
        """Fail the part with ``name reason`` unless ``condition`` holds."""
        if not condition:
            raise Mismatch(shown(name), shown(reason))

    def score(self) -> float:
        """Print what passed and what did not; return the points as a plain float.

        A plain float because nbgrader reads any other last value as full marks.
        """
        total = sum(r.weight for r in self.results)
        share = sum(r.weight for r in self.results if r.passed) / total if total else 0.0
        points = round(self.points * share, 2)
        said = _("{exercise}: {points:g} of {all:g} points")
        print(said.format(exercise=self.exercise, points=points, all=self.points))
        if self.results and all(r.reason == _(NOT_WRITTEN) for r in self.results):
            print(f"  {joined(self.exercise, _(NOT_WRITTEN))}")
            return 0.0
        for result in self.results:
            print(f"  {_(PASSED) if result.passed else _(FAILED)}  {result.what}")
            if result.passed:
                continue
            print(f"         {result.reason}")
            if not self.hidden:
                for line in result.detail.splitlines():
                    print(f"         {line}")
                if result.hint:
                    # a notebook's output area breaks longer lines in the middle of a word
                    print(fill(_("hint: {hint}").format(hint=result.hint), 84, *HANGING))
        return float(points)
