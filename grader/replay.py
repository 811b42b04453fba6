"""Do to an answer of our own what a check did to a student's, and compare what comes of it.

A transcript (`grader.remote.Operation`) holds everything that a check saw of an answer:
calls, attributes, items, what was written into shared arrays. `Script` brings one into a
form that can be done again; `Trace` does it to a known answer, one step at a time, for as
long as somebody wants to know more. Only our own code is run here: the reference and the
files in misconceptions/. What came from the student is looked at as numbers and texts.
"""

from __future__ import annotations

import contextlib
import gc
import io
import itertools
import math
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import NamedTuple

import numpy as np

from course._switch import VARIABLE as GRADED_VARIABLE

from . import wire
from .inside.objects import kind_of
from .remote import Operation

SAME = 1e-11  # the same formula in another order of operations
ALIKE = 1e-5  # the same idea: with or without a 1e-7 inside a logarithm, h = 1e-4 or 1e-5
DIFFERENT = float("inf")
# What a student's answer gives can be large, and every leaf costs time. No right result of
# ours has more than a few hundred.
RESULT_LEAVES = 2000
SCRIPT_LEAVES = 20_000

_ACTIONS_THAT_TELL_NOTHING = {"names"}


class Leaf(NamedTuple):
    """One thing that an operation gave: a number, an array, a text, an error, an object.

    ``kind`` and ``value`` decide whether two are alike; ``style`` (the type of the number, a
    list or a tuple, the words of an error) only which of several is more alike. ``spread``
    is how far a value depends on chance, None if it does not.
    """

    path: tuple
    kind: str
    value: object
    style: str = ""
    spread: float | None = None


@dataclass(frozen=True)
class Handle:
    """An object that would stay in the session: what it is, and the object itself."""

    native: object
    type_name: str
    kind: str
    array: np.ndarray | None = None


class Unbound(Exception):
    """Raised for an operation on something that this answer never gave."""


# ---------------------------------------------------------------- what crosses the wire


_KINDS: dict[type, str] = {}


def _kind(value) -> str:
    """Return `kind_of` of an object; for most it is a matter of the type, and slow to find."""
    owner = type(value)
    if owner is type or isinstance(value, np.ndarray):
        return kind_of(value)
    if owner not in _KINDS:
        if len(_KINDS) > 500:  # classes of answers come and go
            _KINDS.clear()
        _KINDS[owner] = kind_of(value)
    return _KINDS[owner]


def _handle(value) -> Handle:
    owner = value if isinstance(value, type) else type(value)
    return Handle(value, owner.__name__, _kind(value))


def cross(value, live: bool):
    """Return ``value`` as a check would see it: copies of plain data, handles on the rest."""
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind in (list, tuple):
        return kind(cross(v, live) for v in value)
    if kind is dict or (not live and kind.__name__ in ("OrderedDict", "defaultdict")):
        if all(_plain_key(k) for k in value):
            return {k: cross(v, live) for k, v in value.items()}
        return _handle(value)
    if wire.is_numeric(value):
        return Handle(value, "ndarray", "array", value.copy()) if live else value.copy()
    return value if wire.is_number(value) else _handle(value)


def _plain_key(key) -> bool:
    if type(key) is tuple:
        return all(_plain_key(k) for k in key)
    return key is None or type(key) in (str, int, float, bool)


def reached(value):
    """Return a value that was reached by attribute or item: arrays and containers live."""
    if type(value) is not tuple and _kind(value) in ("mapping", "sequence"):
        return _handle(value)
    return cross(value, live=True)


def leaves(value, path: tuple = ()) -> Iterator[Leaf]:
    """Yield the leaves of a result: of a student's as noted, or of our own from `cross`."""
    kind = type(value)
    if kind is wire.Live or (kind is Handle and value.array is not None):
        value = value.array
        kind = type(value)
    if value is None:
        yield Leaf(path, "none", None)
    elif kind is str:
        yield Leaf(path, "text", value)
    elif kind in (bool, np.bool_):
        yield Leaf(path, "bool", bool(value))
    elif kind in (wire.Ref, Handle):
        yield Leaf(path, "object", (value.kind,), value.type_name)
    elif kind is np.ndarray:
        yield Leaf(path, "number", np.asarray(value, dtype=float), value.dtype.kind)
    elif kind in (int, float) or isinstance(value, np.generic):
        number = float(value) if abs(value) < 1e308 or value != value else np.inf
        yield Leaf(path, "number", np.asarray(number), "f" if kind is float else "n")
    elif kind in (list, tuple):
        yield Leaf(path, "items", len(value), kind.__name__)
        for index, element in enumerate(value):
            yield from leaves(element, (*path, index))
    elif kind is dict:
        names = sorted(map(repr, value))
        yield Leaf(path, "keys", names, "" if names == list(map(repr, value)) else "unsorted")
        for key in sorted(value, key=repr):
            yield from leaves(value[key], (*path, key))
    else:
        yield Leaf(path, "other", kind.__name__)


def _handles(value, path: tuple = ()) -> Iterator[tuple[tuple, object]]:
    """Yield what is bound to a name of the script: objects and live arrays, by path."""
    if type(value) in (wire.Ref, wire.Live, Handle):
        yield path, value
    elif type(value) in (list, tuple):
        for index, element in enumerate(value):
            yield from _handles(element, (*path, index))
    elif type(value) is dict:
        for key, element in value.items():
            yield from _handles(element, (*path, key))


# ---------------------------------------------------------------- alike or not


def distance(a: Leaf, b: Leaf) -> float:
    """Return how far two leaves are apart: 0 for equal, `DIFFERENT`, else a relative error."""
    if a.kind != b.kind:
        return DIFFERENT
    if a.kind != "number":
        return 0.0 if a.value == b.value else DIFFERENT
    x, y = a.value, b.value
    if x.shape != y.shape:
        # A bias of shape (1, M) is welcome in place of (M,).
        if (
            x.size != y.size
            or {x.ndim, y.ndim} != {1, 2}
            or 1 not in (x if x.ndim == 2 else y).shape
        ):
            return DIFFERENT
        x, y = x.ravel(), y.ravel()
    if b.spread is not None:
        return _distance_by_chance(x, y, b.spread)
    return relative_distance(x, y)


def relative_distance(x: np.ndarray, y: np.ndarray) -> float:
    """Return the largest relative difference of two elements, rounding noise left out."""
    if x.size == 1:  # most are single numbers, for which numpy is slow
        a, b = x.item(), y.item()
        if a == b or (a != a and b != b):
            return 0.0
        return (
            abs(a - b) / max(abs(a), abs(b)) if math.isfinite(a) and math.isfinite(b) else DIFFERENT
        )
    if x.size == 0 or x.tobytes() == y.tobytes():
        return 0.0
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.all():
        strange = ~finite
        if not np.array_equal(x[strange], y[strange], equal_nan=True):
            return DIFFERENT
        x, y = x[finite], y[finite]
        if not x.size:
            return 0.0
    off, size = np.abs(x - y), np.maximum(np.abs(x), np.abs(y))
    off = np.where(off <= 1e-14 * size.max(), 0.0, off)
    return float(np.max(off / np.where(size > 0, size, 1.0)))


def _distance_by_chance(x: np.ndarray, y: np.ndarray, spread: float) -> float:
    """Compare what was drawn: within the spread of two draws, and of the same order of size."""
    if not np.isfinite(x).all() or np.abs(x - y).max() > 20 * spread:
        return DIFFERENT
    if x.size >= 20:
        mine, other = x.std(), y.std()
        if not 0.7 < (mine + 1e-300) / (other + 1e-300) < 1.4:
            return DIFFERENT
        for axis in range(x.ndim):  # rows or columns that are all alike
            if (np.ptp(x, axis=axis).max() == 0) != (np.ptp(y, axis=axis).max() == 0):
                return DIFFERENT
    return 0.0


def compare(ours: Sequence[Leaf], theirs: Sequence[Leaf]) -> tuple[float, int]:
    """Return the largest distance of two results and the number of differences in style."""
    if len(ours) != len(theirs):
        return DIFFERENT, 0
    worst, style = 0.0, 0
    for a, b in zip(theirs, ours, strict=True):
        if a.path != b.path:
            return DIFFERENT, 0
        worst = max(worst, distance(a, b))
        if worst == DIFFERENT:
            return worst, 0
        style += a.style != b.style or (a.kind == "number" and a.value.shape != b.value.shape)
    return worst, style


def wrong_paths(ours: Sequence[Leaf], theirs: Sequence[Leaf], bound: float) -> set[tuple]:
    """Return the paths of the leaves in which two results differ by more than ``bound``."""
    mine, other = {leaf.path: leaf for leaf in ours}, {leaf.path: leaf for leaf in theirs}
    missing = mine.keys() ^ other.keys()
    both = mine.keys() & other.keys()
    return missing | {p for p in both if distance(other[p], mine[p]) > bound}


# ---------------------------------------------------------------- the script


class Name(NamedTuple):
    """What a result is called in a script: the step that gave it, and where in its result."""

    step: int
    path: tuple


@dataclass(frozen=True)
class Step:
    """One operation of a script.

    Attributes
    ----------
    action : str
        As in `grader.remote`.
    arguments : tuple
        Objects that live in the session are `Name`.
    found : list of Leaf
        What the student's answer gave.
    key : tuple
        Equal for two steps that do the same.
    check_id : str
        The check that did it.
    """

    action: str
    arguments: tuple
    found: list[Leaf]
    key: int
    check_id: str


class Script:
    """What the checks of one exercise did to a student's answer, ready to be done again.

    Parameters
    ----------
    operations : dict of str to list of Operation
        By check, in order.
    """

    def __init__(self, operations: dict[str, Sequence[Operation]]) -> None:
        self.steps: list[Step] = []
        self._names: dict[int, Name] = {}
        self._room = SCRIPT_LEAVES
        for check_id, done in operations.items():
            for operation in done:
                if operation.action not in _ACTIONS_THAT_TELL_NOTHING and self._room > 0:
                    self._add(check_id, operation)
                    self._room -= len(self.steps[-1].found)

    def _add(self, check_id: str, operation: Operation) -> None:
        arguments = tuple(self._named(a) for a in operation.arguments)
        result = operation.result
        if operation.error is not None:
            name, _, words = operation.error.partition(": ")
            found = [Leaf((), "error", name, words)]
        elif operation.action == "name" and not (
            type(result) is tuple and result and result[0] is True
        ):
            found = [Leaf((), "error", "NameError")]
        else:
            found = list(itertools.islice(leaves(result), RESULT_LEAVES))
            if len(found) < RESULT_LEAVES:
                for path, record in _handles(result):
                    self._names[record.number] = Name(len(self.steps), path)
        key = hash((operation.action, fingerprint(arguments)))
        self.steps.append(Step(operation.action, arguments, found, key, check_id))

    def _named(self, value):
        if type(value) in (wire.Ref, wire.Live):
            return self._names.get(value.number, Name(-1, ()))
        if type(value) in (list, tuple):
            return type(value)(self._named(v) for v in value)
        if type(value) is dict:
            return {k: self._named(v) for k, v in value.items()}
        return value


def fingerprint(value, depth: int = 0):
    """Return something hashable that is equal for equal arguments, functions among them."""
    kind = type(value)
    if kind is np.ndarray:
        return value.dtype.str, value.shape, value.tobytes()
    if kind is Name:
        return value
    if kind in (list, tuple):
        return (kind.__name__, *(fingerprint(v, depth + 1) for v in value))
    if kind is dict:
        return ("dict", *((fingerprint(k), fingerprint(v, depth + 1)) for k, v in value.items()))
    if kind is FunctionType and depth < 5:
        held = [c.cell_contents for c in value.__closure__ or ()]
        return (
            _code_mark(value.__code__),
            fingerprint(value.__defaults__, depth + 1),
            *(fingerprint(v, depth + 1) for v in held),
        )
    if value is None or kind in (bool, int, float, str) or isinstance(value, np.generic):
        return kind.__name__, value
    return kind.__name__, id(value)


def _code_mark(code: CodeType) -> tuple:
    return code.co_filename, code.co_firstlineno, code.co_code, code.co_names


# ---------------------------------------------------------------- doing it again


class Player:
    """One answer of ours, and what the steps so far have given.

    Parameters
    ----------
    names : dict
        The globals of the answer.
    """

    def __init__(self, names: dict) -> None:
        self.names = names
        self.objects: dict[Name, object] = {}

    def play(self, number: int, step: Step) -> list[Leaf]:
        """Do one step and return what it gave."""
        try:
            arguments = [self._native(a) for a in step.arguments]
            result = getattr(self, "do_" + step.action)(*arguments)
        except Unbound:
            return [Leaf((), "unbound", None)]
        except (Exception, SystemExit) as error:
            return [Leaf((), "error", type(error).__name__, str(error))]
        for path, handle in _handles(result):
            self.objects[Name(number, path)] = handle.native
        return list(leaves(result))

    def _native(self, value):
        kind = type(value)
        if kind is Name:
            if value not in self.objects:
                raise Unbound
            return self.objects[value]
        if kind is np.ndarray:
            return value.copy()
        if kind in (list, tuple):
            return kind(self._native(v) for v in value)
        if kind is dict:
            return {k: self._native(v) for k, v in value.items()}
        return value

    # The like of what `grader.inside.objects.Desk` does in a session.

    def do_name(self, name: str):
        """Return ``(True, value)`` of a name."""
        if name not in self.names:
            raise NameError(name)
        return True, reached(self.names[name])

    def do_call(self, function, arguments: tuple, named: dict):
        """Return ``function(*arguments, **named)``."""
        return cross(function(*arguments, **named), live=False)

    def do_call_and_inputs(self, function, arguments: tuple):
        """Return ``function(*arguments)`` and what it left in its arguments."""
        return cross(function(*arguments), live=False), cross(arguments, live=False)

    def do_get(self, target, name: str):
        """Return an attribute."""
        return reached(getattr(target, name))

    def do_set(self, target, name: str, value) -> None:
        """Set an attribute."""
        setattr(target, name, value)

    def do_item(self, target, key):
        """Return ``target[key]``."""
        return reached(target[key])

    def do_set_item(self, target, key, value) -> None:
        """Set ``target[key]``."""
        target[key] = value

    def do_contains(self, target, key) -> bool:
        """Return whether ``key in target``."""
        return bool(key in target)

    def do_length(self, target) -> int:
        """Return ``len(target)``."""
        return len(target)

    def do_iterate(self, target) -> list:
        """Return the elements of ``target``."""
        return [reached(v) for v in target]

    def do_items(self, target) -> list:
        """Return the pairs of a mapping."""
        return [(k, reached(v)) for k, v in target.items()]

    def do_share(self, array):
        """Return an array that calls may be given by reference."""
        return cross(array, live=True)

    def do_write(self, target, indices, values) -> None:
        """Change elements of an array that is shared."""
        with contextlib.suppress(ValueError, IndexError, AttributeError):
            target.flat[indices] = values


class Trace:
    """What an answer of ours gives in a script; played only as far as somebody asks.

    Parameters
    ----------
    make : callable
        Returns fresh globals of the answer.
    by_chance : bool
        Whether the answer draws numbers.
    twice : bool
        Whether to play it with two seeds: what differs between the two is compared by its
        spread. A student who draws numbers of his own is out of step with ours.
    chance : tuple
        The state of ``np.random`` at the start, as in a session.
    """

    def __init__(self, make, by_chance: bool, twice: bool, chance: tuple) -> None:
        self.keys: list[int] = []
        self.found: list[list[Leaf]] = []
        self._players = [Player(make()) for _ in range(2 if twice else 1)]
        self._states = [chance] if by_chance else []
        if twice:
            self._states.append(np.random.RandomState(1).get_state())

    def follows(self, script: Script, upto: int) -> bool:
        """Return whether the first ``upto`` steps that were played are those of the script."""
        return all(k == s.key for k, s in zip(self.keys[:upto], script.steps, strict=False))

    def step(self, script: Script, number: int) -> list[Leaf]:
        """Return what step ``number`` gives; all steps before it have been asked for."""
        if number == len(self.keys):
            step = script.steps[number]
            self.keys.append(step.key)
            self.found.append(self._play(number, step))
        return self.found[number]

    def _play(self, number: int, step: Step) -> list[Leaf]:
        if not self._states:
            return self._players[0].play(number, step)
        results = []
        draws = step.action == "call"  # the only one that can; to set a state takes long
        for index, player in enumerate(self._players):
            if draws:
                np.random.set_state(self._states[index])
            results.append(player.play(number, step))
            if draws:
                self._states[index] = np.random.get_state()
        if len(results) == 1:
            return results[0]
        first, second = results
        if len(first) != len(second):
            return first
        return [_with_spread(a, b) for a, b in zip(first, second, strict=True)]


def _with_spread(a: Leaf, b: Leaf) -> Leaf:
    if a.kind != "number" or b.kind != "number" or a.value.shape != b.value.shape:
        return a
    spread = float(np.abs(a.value - b.value).max(initial=0.0))
    return a._replace(spread=spread) if spread > 0 else a


@contextlib.contextmanager
def surroundings() -> Iterator[None]:
    """Let answers of ours run as in a session: graded, silent, their draws their own."""
    before, state = os.environ.get(GRADED_VARIABLE), np.random.get_state()
    os.environ[GRADED_VARIABLE] = "1"
    collects = gc.isenabled()
    gc.disable()  # what is made here is mostly kept; looking through it took a fifth of the time
    try:
        with (
            np.errstate(all="ignore"),
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        if collects:
            gc.enable()
        np.random.set_state(state)
        if before is None:
            os.environ.pop(GRADED_VARIABLE, None)
        else:
            os.environ[GRADED_VARIABLE] = before
