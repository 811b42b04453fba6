"""Answer the grader: run a cell, call a function, read and set attributes and items.

Everything here shares a process with the student's code, which may change any of it.
The grader trusts nothing that comes from here; this side only has to be honest and
clear when the student is.
"""

from __future__ import annotations

import collections
import contextlib
import itertools
import os
import signal
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .. import wire

_NAMES = 300  # public names that are told for a message about a missing one
_ITEMS = 20_000  # elements that are taken from something that is iterated over
_PLAIN_CONTAINERS = {collections.OrderedDict: dict, collections.defaultdict: dict}


def describe(value) -> str:
    """Return what ``value`` is, to follow "is" in a message."""
    kind = type(value)
    if kind is np.ndarray:
        if value.dtype.kind == "O":
            return "an array of objects, not of numbers"
        return f"an array of {value.dtype}, not of numbers"
    name = kind.__name__
    if isinstance(value, type):
        return f"the class {value.__name__} itself, not an instance"
    if isinstance(value, np.ndarray):
        return f"a {name}, a subclass of ndarray"
    if callable(value) and isinstance(value, (types.FunctionType, types.MethodType)):
        return f"the function {value.__name__} itself: is a pair of brackets missing?"
    article = "an" if name[:1].lower() in "aeio" else "a"
    return f"{article} {name} object" if kind.__module__ == "__main__" else f"{article} {name}"


def kind_of(value) -> str:
    """Return what one can do with ``value``."""
    if isinstance(value, type):
        return "class"
    if isinstance(value, np.ndarray):
        return "array"
    if isinstance(value, Mapping):
        return "mapping"
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return "sequence"
    if isinstance(value, (types.FunctionType, types.MethodType, types.BuiltinFunctionType)):
        return "function"
    if hasattr(type(value), "__getitem__") or hasattr(type(value), "__iter__"):
        return "container"
    return "object"


def public_names(value) -> list[str]:
    """Return the names that a student would call ``value``'s own, for "found ..."."""
    names = [n for n in dir(value) if type(n) is str and not n.startswith("_")]
    return [n[:80] for n in names[:_NAMES]]


class _Lost(BaseException):
    """The grader is gone, or speaks another language: nothing is left to do."""


@dataclass(frozen=True)
class _Awaited:
    """An object that comes with the request that names it."""

    number: int


class _Missing:
    """An attribute that could not be read: whatever is done with it ends in the same error."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def _raise(self, *args, **kwargs):
        raise self._error

    __call__ = __getitem__ = __setitem__ = __contains__ = __len__ = __iter__ = _raise

    def __getattr__(self, name: str):
        raise self._error


class Desk:
    """Serves one grader until it closes its end.

    Parameters
    ----------
    channel : wire.Channel
    shell : Shell
    limits : object
        With the attributes of `grader.sandbox.Limits`.
    """

    def __init__(self, channel: wire.Channel, shell, limits) -> None:
        self.channel, self.shell, self.limits = channel, shell, limits
        self.objects: dict[int, object] = {}
        self.numbers = itertools.count(1)
        self.process = os.getpid()
        self.interruptible = self.interrupted = False
        self.depth = 0  # of callbacks that wait
        self.live = False  # whether arrays in the answer at hand stay joined to ours
        self.actions = {
            name[3:]: getattr(self, name) for name in dir(self) if name.startswith("do_")
        }

    # ------------------------------------------------------------ the conversation

    def serve(self) -> None:
        """Answer requests until the grader closes the channel."""
        signal.signal(signal.SIGINT, self._interrupted)
        with contextlib.suppress(EOFError, wire.WireError, _Lost):
            while True:
                self.answer(self._receive())

    def _interrupted(self, number, frame) -> None:
        # Only student code is interrupted: a frame cut in half would end the session.
        if self.interruptible:
            raise KeyboardInterrupt
        self.interrupted = True

    def _receive(self):
        return wire.decode(self.channel.receive(), self._resolve)

    def _send(self, frame: bytes) -> None:
        if os.getpid() != self.process:
            os._exit(0)  # a fork that a cell has made must not talk in our place
        self.channel.send(frame)

    def answer(self, request) -> None:
        """Do what one request asks, and send the result or the error."""
        action, fetched, dropped, written, arguments = request
        if fetched:
            self._fetch(fetched)
            arguments = self._settled(arguments)
        for number in dropped:
            self.objects.pop(number, None)
        for number, indices, values in written:
            with contextlib.suppress(Exception):  # read-only now, or reshaped: theirs to see
                self.objects[number].flat[indices] = values
        self.live = False
        if self.depth == 0:
            self.interrupted = False  # it came too late for the request before
        try:
            self.interruptible = True
            try:
                result = self.actions[action](*arguments)
            finally:
                self.interruptible = False
        except _Lost:
            raise
        except BaseException as error:  # a SystemExit ends a call, not the session
            self._send(wire.encode(("error", self.error_facts(error))))
            return
        try:
            frame = wire.encode(("ok", result), self._replace)
        except BaseException as error:  # too large, or a class that lies about itself
            why = f"an answer that is too large: {error}" if type(error) is wire.WireError else ""
            frame = wire.encode(("ok", self._ref(result, why)))
        self._send(frame)

    def _fetch(self, wanted: list[tuple]) -> None:
        """Read attributes that the grader has asked for ahead of a request."""
        for number, owner, name in wanted:
            try:
                self.interruptible = True
                try:
                    self.objects[number] = getattr(self.objects[owner], name)
                finally:
                    self.interruptible = False
            except BaseException as error:
                self.objects[number] = _Missing(error)

    def _settled(self, value):
        """Return ``value`` with the objects that `_fetch` has found since it came."""
        kind = type(value)
        if kind is _Awaited:
            return self.objects[value.number]
        if kind is tuple or kind is list:
            return kind([self._settled(v) for v in value])
        if kind is dict:
            return {k: self._settled(v) for k, v in value.items()}
        return value

    def ask(self, number: int, arguments: tuple, named: dict):
        """Call function ``number`` of the grader; it may ask us in return meanwhile."""
        before, self.interruptible = self.interruptible, False
        self.depth += 1
        try:
            try:
                frame = wire.encode(("callback", number, arguments, named), self._replace)
            except wire.WireError as error:
                raise ValueError(f"the function was called with {error}") from None
            self._send(frame)
            while True:
                message = self._receive()
                if message[0] == "result":
                    return message[1]
                if message[0] == "failed":
                    raise RuntimeError(message[1])
                self.answer(message)
        except (EOFError, wire.WireError) as error:
            raise _Lost from error
        finally:
            self.depth -= 1
            self.interruptible = before
            if before and self.interrupted:
                self.interrupted = False
                raise KeyboardInterrupt

    # ------------------------------------------------------------ values and handles

    def _resolve(self, record):
        if type(record) is wire.Ref:
            if record.number in self.objects:
                return self.objects[record.number]
            return _Awaited(record.number)
        if type(record) is wire.Callback:
            return self._function(record.number)
        return record.array

    def _function(self, number: int):
        def f(*arguments, **named):
            return self.ask(number, arguments, named)

        return f

    def _keep(self, value) -> int:
        if len(self.objects) >= self.limits.objects:
            raise MemoryError(f"more than {self.limits.objects} objects were handed out")
        number = next(self.numbers)
        self.objects[number] = value
        return number

    def _replace(self, value):
        """Say what goes over the wire for an array or an object that is not plain."""
        if wire.is_numeric(value):
            return wire.Live(self._keep(value), value) if self.live else value
        if wire.is_number(value):
            return value
        if type(value) in _PLAIN_CONTAINERS and not self.live:
            return _PLAIN_CONTAINERS[type(value)](value)
        return self._ref(value)

    def _ref(self, value, about: str = "") -> wire.Ref:
        number = self._keep(value)
        try:
            owner = value if isinstance(value, type) else type(value)
            name, kind, about = str(owner.__name__), kind_of(value), about or describe(value)
        except BaseException:  # a metaclass or a property with ideas of its own
            name, kind, about = "object", "object", about or "an object"
        return wire.Ref(number, name[:80], kind, about[:200])

    def _reference(self, value):
        """Return a value that was reached by attribute or item: arrays and containers live."""
        self.live = True
        if type(value) is not tuple and kind_of(value) in ("mapping", "sequence"):
            return self._ref(value)
        return value

    # ------------------------------------------------------------ what can be asked

    def do_cell(self, source: str, cell_id: str):
        """Run a cell; return its outputs and whether it failed."""
        return self.shell.run(source, cell_id, self.limits)

    def do_name(self, name: str):
        """Return ``(True, value)`` of a name in the notebook, or ``(False, other names)``."""
        names = self.shell.user_ns
        if name in names:
            return True, self._reference(names[name])
        mine = [n for n in names if n not in self.shell.user_ns_hidden and not n.startswith("_")]
        return False, [n[:80] for n in mine[:_NAMES]]

    def do_call(self, function, arguments: tuple, named: dict):
        """Return ``function(*arguments, **named)``."""
        return function(*arguments, **named)

    def do_call_and_inputs(self, function, arguments: tuple):
        """Return ``function(*arguments)`` and what it left in its arguments."""
        result = function(*arguments)
        return result, arguments

    def do_get(self, target, name: str):
        """Return an attribute."""
        return self._reference(getattr(target, name))

    def do_set(self, target, name: str, value) -> None:
        """Set an attribute."""
        setattr(target, name, value)

    def do_item(self, target, key):
        """Return ``target[key]``."""
        return self._reference(target[key])

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
        """Return the elements of ``target``: the keys of a mapping."""
        found = list(itertools.islice(iter(target), _ITEMS + 1))
        if len(found) > _ITEMS:
            raise OverflowError(f"it gives more than {_ITEMS} elements")
        self.live = True
        return [self._reference(v) for v in found]

    def do_items(self, target) -> list:
        """Return the pairs of a mapping."""
        return [(k, self._reference(v)) for k, v in itertools.islice(target.items(), _ITEMS)]

    def do_share(self, array):
        """Keep an array that calls may be given by reference."""
        self.live = True
        return array

    def do_names(self, target) -> list[str]:
        """Return the public names of ``target``."""
        return public_names(target)

    # ------------------------------------------------------------ errors

    def error_facts(self, error: BaseException) -> dict:
        """Return what the grader needs to raise the like of ``error``; never fails."""
        facts = {"classes": [], "message": "", "cell": "", "line": 0}
        with contextlib.suppress(BaseException):
            facts["classes"] = [str(c.__name__)[:80] for c in type(error).__mro__][:20]
        with contextlib.suppress(BaseException):
            facts["message"] = str(error)[:2000]
        with contextlib.suppress(BaseException):
            facts["cell"], facts["line"] = self._place(error)
        with contextlib.suppress(BaseException):
            if isinstance(error, (AttributeError, NameError)) and type(error.name) is str:
                facts["name"] = error.name[:80]
        with contextlib.suppress(BaseException):
            if isinstance(error, AttributeError) and error.obj is not None:
                facts["names"] = public_names(error.obj)
                facts["owner"] = self._ref(error.obj)
            elif isinstance(error, NameError):
                facts["names"] = public_names(types.SimpleNamespace(**self.shell.user_ns))
        return facts

    def _place(self, error: BaseException) -> tuple[str, int]:
        """Return the innermost line of the notebook that ``error`` went through."""
        cells, place = self.shell.compile.cells, ("", 0)
        step = error.__traceback__
        while step is not None:
            name = step.tb_frame.f_code.co_filename
            if name in cells:
                place = (cells[name], step.tb_lineno)
            step = step.tb_next
        return place
