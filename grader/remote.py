"""Stand-ins: the student's functions, classes, objects and containers, as a check sees them.

A check cell runs in the grader's process and the answers in another. What a check calls,
reads or sets goes over the wire from here. The rules:

* The result of a call is a value: numbers, texts, arrays and plain containers are copies;
  any other object is a `StandIn`.
* What is reached by attribute or item is the thing itself: a dict or list is a stand-in
  that reads and writes through; an array is a plain ndarray whose elements, once changed
  here, change in the session before the next request.
* The other way nothing changes by itself: no array that a check holds can be altered by
  student code. Read the attribute again to see what it has become.
"""

from __future__ import annotations

import builtins
import functools
import itertools
import re
import sys
from dataclasses import dataclass, replace

import numpy as np

from course.check import nearest

from . import wire
from .errors import ProtocolError, RemoteError, SessionError
from .language import _, language, shown

TRANSCRIPT_OPERATIONS = 5000
TRANSCRIPT_BYTES = 32 << 20
ITEM_BYTES = 64  # of an item of a list in memory; more than a character of a text
STORED_CALLBACKS = 10_000
FIRST_FETCHED = 1 << 52  # numbers that the grader gives; those of a session start at 1

_BUILTIN_ERRORS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and name != "Exception"
    # their constructors want more than a message
    and not (issubclass(kind, UnicodeError) or name.endswith("Group"))
}  # fmt: skip


def _as_word(name: str, otherwise: str) -> str:
    return name if name.isidentifier() else otherwise


class StandIn:
    """An object that lives in a session.

    Its class carries the name of the student's class, for messages alone. It has no
    operator that could decide a comparison and is no number: ``==`` is identity.
    """

    __slots__ = ("__weakref__", "_label_", "_names_", "_ref_", "_remote_")

    def __init__(self, remote: Remote, ref: wire.Ref) -> None:
        for name, value in (("_remote_", remote), ("_ref_", ref), ("_label_", ref.type_name)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_names_", None)

    def __del__(self) -> None:
        try:
            self._remote_.dropped.append(self._ref_.number)
        except AttributeError:  # never finished, or the interpreter is going down
            pass

    def __call__(self, *args, **kwargs):
        return self._remote_.do("call", self, args, kwargs)

    def __call_and_inputs__(self, *args):
        """Return the result and the arguments as the call left them; see `course.check`."""
        answer = self._remote_.do("call_and_inputs", self, args)
        return self._remote_.expect(answer, tuple, 2)

    def __getattr__(self, name: str):
        if name.startswith("__"):  # Python and numpy probe for these: no student defines them
            raise AttributeError(f"a stand-in has no {name}")
        value = self._remote_.get(self, name)
        if isinstance(value, StandIn):
            object.__setattr__(value, "_label_", f"{self._label_}.{name}")
        return value

    def __setattr__(self, name: str, value) -> None:
        self._remote_.do("set", self, name, value)

    def __dir__(self) -> list[str]:
        """Return the public names of the object; the session is asked at most once."""
        if self._names_ is None:
            try:
                names = _names(self._remote_.do("names", self))
            except SessionError:
                names = []
            object.__setattr__(self, "_names_", names)
        return list(self._names_)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} in the student's session>"

    @property
    def __about__(self) -> str:
        """What the object is, to follow "is" in a message."""
        about = self._ref_.about or f"a {type(self).__name__}"
        plain = re.fullmatch(r"an? (\w+)( object)?", about)
        if plain is None or language() == "en":
            return shown(about)
        said = _("a {kind} object") if plain[2] else _("a {kind}")
        return said.format(kind=plain[1])

    def _no_number(self, *args, **kwargs):
        raise TypeError(f"{self.__about__}: not a number or a numpy array")

    __array__ = __array_ufunc__ = __array_function__ = _no_number


class _Container(StandIn):
    """A stand-in that has items."""

    __slots__ = ()

    def __getitem__(self, key):
        return self._remote_.do("item", self, key)

    def __setitem__(self, key, value) -> None:
        self._remote_.do("set_item", self, key, value)

    def __len__(self) -> int:
        return self._remote_.expect(self._remote_.do("length", self), int)

    def __contains__(self, key) -> bool:
        return self._remote_.expect(self._remote_.do("contains", self, key), bool)

    def __iter__(self):
        return iter(self._remote_.expect(self._remote_.do("iterate", self), list))


class _Mapping(_Container):
    """A stand-in for a dict, such as ``net.params``."""

    __slots__ = ()

    def keys(self) -> list:
        """Return the keys."""
        return list(self)

    def items(self) -> list[tuple]:
        """Return the pairs of key and value."""
        pairs = self._remote_.expect(self._remote_.do("items", self), list)
        return [self._remote_.expect(pair, tuple, 2) for pair in pairs]

    def values(self) -> list:
        """Return the values."""
        return [value for _, value in self.items()]

    def get(self, key, default=None):
        """Return the value of ``key``, else ``default``."""
        return self[key] if key in self else default


_KINDS = {"mapping": _Mapping, "sequence": _Container, "container": _Container}


@functools.lru_cache(maxsize=1000)
def _stand_in_class(name: str, kind: str) -> type[StandIn]:
    """Return the class for a kind of object; only its name comes from the session."""
    return type(name, (_KINDS.get(kind, StandIn),), {"__slots__": ()})


# ---------------------------------------------------------------- errors


@functools.lru_cache(maxsize=1000)
def _error_class(name: str, base: type | None) -> type[RemoteError]:
    return type(name, (RemoteError, base) if base else (RemoteError,), {})


def _names(value) -> list[str]:
    if type(value) is not list or not all(type(n) is str for n in value):
        raise ProtocolError("names expected")
    return [n[:80] for n in value[:300]]


def callback_message(error: BaseException) -> str:
    """Return what the session is told of an error in a function of the check."""
    return f"{type(error).__name__}: {str(error)[:300]}"


def error_from(facts, sources: dict[str, str], cause: Exception | None = None) -> RemoteError:
    """Return the like of an error that student code raised.

    Parameters
    ----------
    facts : dict
        What the session tells: class names, message, place, the name that was missing.
    sources : dict
        The cells that were run, by id: the source line is taken from here.
    cause : Exception, optional
        What a function of the check raised while the student's code called it. The session
        knows it as a RuntimeError; it comes back under its own name.

    Returns
    -------
    RemoteError
        Also an instance of the first builtin class among the class names, such as
        ValueError; never of SystemExit or KeyboardInterrupt, which would end the grader.
    """
    if type(facts) is not dict:
        raise ProtocolError("facts about an error expected")
    classes, message = _names(facts.get("classes")), facts.get("message")
    cell_id, line = facts.get("cell"), facts.get("line")
    if type(message) is not str or type(cell_id) is not str or type(line) is not int:
        raise ProtocolError("facts about an error expected")
    if cause is not None and message == callback_message(cause):
        classes, message = [c.__name__ for c in type(cause).__mro__], str(cause)
    base = next((_BUILTIN_ERRORS[n] for n in classes if n in _BUILTIN_ERRORS), None)
    name = _as_word(classes[0] if classes else "", "Error")
    error = _error_class(name, base)(message[:2000])
    error.type_name = name
    lines = sources.get(cell_id, "").splitlines()
    if line > 0:  # IPython counts from the first line that is not empty
        line += next((i for i, text in enumerate(lines) if text.strip()), 0)
    if 1 <= line <= len(lines):
        error.cell_id, error.line, error.source_line = cell_id, line, lines[line - 1].strip()
        said = _(" (line {number} of your cell: {code})")
        error.where = said.format(number=line, code=error.source_line[:200])
    missing, owner = facts.get("name"), facts.get("owner")
    if isinstance(error, (AttributeError, NameError)) and type(missing) is str:
        error.name = missing[:80]
    if isinstance(error, AttributeError) and isinstance(owner, StandIn):
        object.__setattr__(owner, "_names_", _names(facts.get("names", [])))
        error.obj = owner
    return error


# ---------------------------------------------------------------- the grader's end


@dataclass(frozen=True)
class Operation:
    """One thing that a check did to the student's objects, and what came of it.

    Objects and arrays that live in the session are `wire.Ref`; a function that was passed
    in is itself. Enough to do the same to another answer.
    """

    action: str
    arguments: tuple
    result: object = None
    error: str | None = None


class _LiveArray:
    """An array that a check may hold, and what the session has in its place.

    Held firmly until the next request: in ``net.params["W1"][...] = W`` nobody else
    holds it by then.
    """

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.known = array, array.ravel().copy()

    def changes(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Return the flat indices and the values of what has changed here since last told."""
        now = self.array.ravel()
        if now.size != self.known.size:
            return None
        indices = np.flatnonzero((now != self.known) & ~((now != now) & (self.known != self.known)))
        if not indices.size:
            return None
        self.known[indices] = now[indices]
        return indices, now[indices]

    def holders(self) -> int:
        """Return how many hold the array: names, containers, views, and this object."""
        return sys.getrefcount(self.array)


_HELD_BY_US_ALONE = _LiveArray(np.zeros(1)).holders()


class Remote:
    """The grader's table of what lives in one session, and of what it lent to it.

    Parameters
    ----------
    ask : callable
        ``ask(action, arguments, label)`` sends one request and returns the answer.
    end : callable
        ``end(error)`` ends the session, which has lied.
    objects : int
        How many stand-ins there may be at once.
    """

    def __init__(self, ask, end, objects: int) -> None:
        self._ask, self._end, self._room = ask, end, objects
        self.dropped: list[int] = []  # handles let go, for the session to forget
        self._fetched: list[tuple] = []  # attributes to be read before the next request
        self._fetches = itertools.count(FIRST_FETCHED)
        self._known: dict[tuple[str, str], wire.Ref] = {}  # by class and attribute
        self._written: list[tuple] = []  # elements changed, for the session to change too
        self.transcript: list[Operation] = []
        self.transcript_complete = True
        self._transcript_room = TRANSCRIPT_BYTES
        self._live: dict[int, _LiveArray] = {}
        self._number_of: dict[int, int] = {}  # by id() of the array
        self._callbacks: dict[int, object] = {}

    # ------------------------------------------------------------ requests

    def do(self, action: str, *arguments):
        """Ask the session, and note in the transcript what was asked and answered."""
        label = arguments[0]._label_ if arguments and isinstance(arguments[0], StandIn) else ""
        noted = self._note(arguments)
        try:
            result = self._ask(action, arguments, label)
        except RemoteError as error:
            self._append(Operation(action, noted, error=f"{error.type_name}: {error}"))
            raise
        self._append(Operation(action, noted, self._note(result)))
        return result

    def get(self, owner: StandIn, name: str):
        """Return an attribute of ``owner``.

        A method, or a dict such as ``net.params``, is of no use until something is done
        with it. Where the class is known to have one, the session is told to read it
        along with the next request, whatever that is: half of all requests are saved. If
        it is not there after all, whoever uses it gets the error.
        """
        known = self._known.get((owner._ref_.type_name, name))
        if known is None or self._room <= 0:
            value = self.do("get", owner, name)
            found = value._ref_.kind if isinstance(value, StandIn) else ""
            if found in ("function", "mapping") and owner._ref_.kind == "object":
                self._known[owner._ref_.type_name, name] = value._ref_
            return value
        number = next(self._fetches)
        self._room -= 1
        self._fetched.append((number, owner._ref_.number, name))
        value = self._made(replace(known, number=number))
        self._append(Operation("get", self._note((owner, name)), self._note(value)))
        return value

    def stand_in(self, name: str):
        """Return what ``name`` stands for in the student's notebook.

        Raises
        ------
        NameError
            If it is not defined there; the message names the nearest name that is.
        """
        found, value = self.expect(self.do("name", name), tuple, 2)
        if found is True:
            if isinstance(value, StandIn):
                object.__setattr__(value, "_label_", name)
            return value
        near = nearest(name, _names(value))
        hint = _("; found {name!r}").format(name=near) if near else ""
        said = _("{name!r} is not defined").format(name=name) + hint
        error = _error_class("NameError", NameError)(said)
        error.name, error.type_name = name, "NameError"
        raise error

    def share(self, array) -> np.ndarray:
        """Return an array that also lives in the session; calls are given that one."""
        return self.expect(self.do("share", np.array(array, dtype=float)), np.ndarray)

    def expect(self, value, kind: type, length: int | None = None):
        """Return ``value`` if it is exactly of type ``kind``.

        Raises
        ------
        ProtocolError
            If it is not: the session lied about its own doing, and is ended.
        """
        if type(value) is kind and (length is None or len(value) == length):
            return value
        error = ProtocolError(f"sent the grader something else than a {kind.__name__}")
        self._end(error)
        raise error

    # ------------------------------------------------------------ values on their way

    def request(self, action: str, arguments: tuple) -> bytes:
        """Return the frame of a request, with what the session must know first."""
        for number, live in list(self._live.items()):
            changes = live.changes()
            if changes is not None:
                self._written.append((number, *changes))
                self._append(Operation("write", (wire.Ref(number), *changes)))
        dropped, self.dropped = self.dropped, []
        try:
            frame = self.encode((action, self._fetched, dropped, self._written, arguments))
        except TypeError:
            self.dropped += dropped
            raise
        self._room += len(dropped)
        self._fetched, self._written = [], []
        for number, live in list(self._live.items()):
            if live.holders() <= _HELD_BY_US_ALONE:
                del self._live[number], self._number_of[id(live.array)]
                self.dropped.append(number)
        return frame

    def encode(self, message) -> bytes:
        """Return the frame of a message to the session.

        Raises
        ------
        TypeError
            If it holds what no frame can carry.
        """
        try:
            return wire.encode(message, self.outgoing)
        except wire.WireError as error:
            raise TypeError(f"the student's code cannot be given {error}") from error

    def outgoing(self, value):
        """Say what goes over the wire for an array or an object that is not plain."""
        if isinstance(value, StandIn):
            if value._remote_ is not self:
                raise TypeError(f"{value!r} belongs to another session")
            return wire.Ref(value._ref_.number)
        if isinstance(value, np.ndarray):
            number = self._number_of.get(id(value))
            return value if number is None else wire.Ref(number)
        if isinstance(value, np.generic) or not callable(value):
            return value
        if len(self._callbacks) >= STORED_CALLBACKS:
            raise TypeError("too many functions were passed to the student's code")
        number = len(self._callbacks) + 1
        self._callbacks[number] = value
        return wire.Callback(number)

    def incoming(self, record):
        """Return the value for a record that the session sent."""
        if type(record) is wire.Callback:
            raise wire.WireError("a callback from the wrong side")
        if self._room <= 0:
            raise wire.WireError("too many objects")
        self._room -= 1
        if type(record) is wire.Live:
            return self._join(record.number, record.array)
        return self._made(record)

    def _made(self, record: wire.Ref) -> StandIn:
        """Return the stand-in for an object of the session."""
        name = _as_word(record.type_name, "object")
        if record.kind in ("array", "number"):  # ndarray or float would say the opposite
            name = record.about.split(",")[0].partition(" ")[2] or name
        return _stand_in_class(name, record.kind)(self, record)

    def _join(self, number: int, array: np.ndarray) -> np.ndarray:
        """Watch ``array``, so that what is written into it reaches the session."""
        if number in self._live:
            raise wire.WireError("an array with the number of another")
        self._live[number] = _LiveArray(array)
        self._number_of[id(array)] = number
        return array

    def callback(self, number: int):
        """Return the function that was lent to the session under ``number``."""
        if number not in self._callbacks:
            raise wire.WireError("a callback that was never lent")
        return self._callbacks[number]

    # ------------------------------------------------------------ the transcript

    def _note(self, value):
        """Return a copy of ``value`` in which objects are numbers."""
        if isinstance(value, StandIn):
            return wire.Ref(value._ref_.number, value._ref_.type_name, value._ref_.kind)
        if isinstance(value, np.ndarray):
            number = self._number_of.get(id(value))
            self._transcript_room -= value.nbytes
            copy = value.copy() if self._transcript_room > 0 else None
            return copy if number is None else wire.Live(number, copy)
        if isinstance(value, (str, list, tuple, dict)):
            self._transcript_room -= ITEM_BYTES * len(value)
            if self._transcript_room <= 0:
                return None  # nothing is kept any more, see _append
        if type(value) in (list, tuple):
            return type(value)(self._note(v) for v in value)
        if type(value) is dict:
            return {k: self._note(v) for k, v in value.items()}
        return value

    def _append(self, operation: Operation) -> None:
        if self._transcript_room > 0 and len(self.transcript) < TRANSCRIPT_OPERATIONS:
            self.transcript.append(operation)
        else:
            self.transcript_complete = False
