"""What may cross between the grader and a session: plain data, in bounded frames.

A frame is two lengths, a JSON header and a body of raw array bytes. There is no pickle
and nothing in a frame can name a class, so reading one can only give: None, bool, int,
float, str, numpy numbers, numeric arrays, lists, tuples and dicts of those, and the
three small records below. Whatever else a student's code answers stays where it is and
crosses as a `Ref`, a number with a description.

Both ends import this module; the session's end is in the hands of the student. So
`decode` expects the worst of its input, and only `WireError` comes out of it.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

_LENGTHS = struct.Struct("!II")
_INT_BITS = 1024  # about the range of a float; nobody's gradient is larger
_INLINE_TEXT = 200  # longer texts travel in the body, so that commas can be counted as items
_DTYPES = {
    np.dtype(code).str: np.dtype(code)
    for code in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
}


class WireError(ValueError):
    """Raised for a frame that is no frame, and for a value that is too large for one."""


@dataclass(frozen=True)
class Bounds:
    """How large one frame may be. Checked before anything is allocated or parsed."""

    header_bytes: int = 4 << 20
    body_bytes: int = 64 << 20  # a 784 x 50 weight matrix is 0.3 MB; sixty images are 30 MB
    items: int = 200_000  # a JSON item costs some 100 bytes once parsed: 20 MB
    depth: int = 20  # plain answers nest two or three deep
    name: int = 80


BOUNDS = Bounds()


@dataclass(frozen=True)
class Ref:
    """An object that stays in the session: its number there, and words about it.

    The words come from the session and are for messages alone.
    """

    number: int
    type_name: str = ""
    kind: str = ""
    about: str = ""


@dataclass(frozen=True)
class Callback:
    """A function that stays in the grader: its number there."""

    number: int


@dataclass(frozen=True, eq=False)
class Live:
    """An array that stays in the session, and its present values."""

    number: int
    array: np.ndarray = field(repr=False)


# ---------------------------------------------------------------- to bytes


def is_numeric(array: np.ndarray) -> bool:
    """Return whether ``array`` is exactly an ndarray, of a type that a frame can carry."""
    return type(array) is np.ndarray and array.dtype.newbyteorder("=").str in _DTYPES


def is_number(value) -> bool:
    """Return whether ``value`` is exactly a numpy number or bool that a frame can carry."""
    if not isinstance(value, np.generic):
        return False
    return value.dtype.str in _DTYPES and type(value) is value.dtype.type


_to_json = json.JSONEncoder(separators=(",", ":")).encode


class _Encoder:
    def __init__(self, replace: Callable, bounds: Bounds) -> None:
        self.replace, self.bounds = replace, bounds
        self.buffers: list[bytes] = []
        self.items = self.size = 0

    def buffer(self, raw: bytes) -> int:
        self.size += len(raw)
        if self.size > self.bounds.body_bytes:
            raise WireError(f"more than {self.bounds.body_bytes >> 20} MB of data")
        self.buffers.append(raw)
        return len(self.buffers) - 1

    def array(self, array: np.ndarray) -> list:
        if array.nbytes > self.bounds.body_bytes:
            raise WireError(f"an array of {array.nbytes >> 20} MB")
        native = array.astype(array.dtype.newbyteorder("="), copy=False)
        return ["a", native.dtype.str, list(array.shape), self.buffer(native.tobytes())]

    def tree(self, value, depth: int):
        self.items += 1
        if self.items > self.bounds.items:
            raise WireError(f"more than {self.bounds.items} items")
        if depth > self.bounds.depth:
            raise WireError(f"nested more than {self.bounds.depth} deep")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int and value.bit_length() <= _INT_BITS:
            return value
        if kind is str:
            raw = value.encode("utf-8", "replace")
            if len(raw) <= _INLINE_TEXT:
                return raw.decode("utf-8")
            return ["s", self.buffer(raw)]
        if kind is list or kind is tuple:
            return ["l" if kind is list else "t", [self.tree(v, depth + 1) for v in value]]
        if kind is dict:
            pairs = [[self.key(k, depth), self.tree(v, depth + 1)] for k, v in value.items()]
            return ["d", pairs]
        if kind is Ref:
            return ["r", value.number, value.type_name, value.kind, value.about]
        if kind is Callback:
            return ["c", value.number]
        if kind is Live:
            return ["v", value.number, self.array(value.array)]
        instead = self.replace(value)
        if instead is not value:
            return self.tree(instead, depth)
        if is_numeric(value):
            return self.array(value)
        if is_number(value):
            return ["n", value.dtype.str, self.buffer(value.tobytes())]
        raise WireError(f"a {kind.__name__} is no plain data")

    def key(self, key, depth: int):
        if not _is_key(key):
            raise WireError(f"a dict with a key that is a {type(key).__name__}")
        return self.tree(key, depth + 1)


def _is_key(key) -> bool:
    if type(key) is tuple:
        return all(_is_key(k) for k in key)
    return key is None or type(key) in (str, int, float, bool)


def encode(value, replace: Callable = lambda value: value, bounds: Bounds = BOUNDS) -> bytes:
    """Return the frame that carries ``value``.

    Parameters
    ----------
    value : object
        Plain data, with `Ref`, `Callback` and `Live` among it.
    replace : callable
        Asked about each array and each object that is not plain; returns what to send in
        its place, or the object itself when it is to go as it is.
    bounds : Bounds

    Raises
    ------
    WireError
        If the value is too large, too deep, or holds what no frame can carry.
    """
    encoder = _Encoder(replace, bounds)
    try:
        tree = encoder.tree(value, 0)
        header = _to_json([[len(b) for b in encoder.buffers], tree])
    except RecursionError as error:
        raise WireError("nested too deep") from error
    raw = header.encode("ascii")
    if len(raw) > bounds.header_bytes:
        raise WireError(f"more than {bounds.header_bytes >> 20} MB of numbers and names")
    return b"".join([_LENGTHS.pack(len(raw), encoder.size), raw, *encoder.buffers])


# ---------------------------------------------------------------- from bytes


def _need(condition: bool, what: str) -> None:
    if not condition:
        raise WireError(what)


class _Decoder:
    def __init__(self, buffers: list[memoryview], resolve: Callable, bounds: Bounds) -> None:
        self.buffers, self.resolve, self.bounds = buffers, resolve, bounds

    def buffer(self, index) -> memoryview:
        _need(type(index) is int and 0 <= index < len(self.buffers), "an unknown buffer")
        return self.buffers[index]

    def text(self, text) -> str:
        _need(type(text) is str, "text expected")
        _need(
            text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text), "half a character"
        )
        return text

    def short(self, text) -> str:
        return self.text(text)[: self.bounds.name * 4]

    def number(self, number) -> int:
        _need(type(number) is int and 0 <= number < 1 << 53, "a bad number of an object")
        return number

    def array(self, tree) -> np.ndarray:
        _need(type(tree) is list and len(tree) == 4 and tree[0] == "a", "an array expected")
        _, code, shape, index = tree
        _need(type(code) is str and code in _DTYPES, "an array of an unknown type")
        _need(type(shape) is list and len(shape) <= 32, "a bad shape")
        _need(all(type(n) is int and 0 <= n < 1 << 40 for n in shape), "a bad shape")
        raw, dtype = self.buffer(index), _DTYPES[code]
        _need(math.prod(shape) * dtype.itemsize == len(raw), "an array that lies about its size")
        if dtype.kind == "b":  # a bool that is neither 0 nor 1 breaks numpy's own sums
            return (np.frombuffer(raw, np.uint8) != 0).reshape(shape)
        return np.frombuffer(raw, dtype).reshape(shape).copy()

    def value(self, tree, depth: int = 0):
        kind = type(tree)
        if tree is None or kind is bool or kind is float:
            return tree
        if kind is int:
            _need(tree.bit_length() <= _INT_BITS, "a number that is too long")
            return tree
        if kind is str:
            return self.text(tree)
        _need(kind is list and len(tree) >= 2 and type(tree[0]) is str, "an unknown item")
        _need(depth <= self.bounds.depth, f"nested more than {self.bounds.depth} deep")
        tag, size = tree[0], len(tree)
        if tag in ("l", "t", "d"):
            _need(size == 2 and type(tree[1]) is list, "a bad container")
            if tag == "d":
                return self.dict(tree[1], depth)
            values = [self.value(v, depth + 1) for v in tree[1]]
            return values if tag == "l" else tuple(values)
        if tag == "s":
            _need(size == 2, "a bad text")
            return str(self.buffer(tree[1]), "utf-8")
        if tag == "a":
            return self.array(tree)
        if tag == "n":
            _need(size == 3, "a bad number")
            return self.array(["a", tree[1], [], tree[2]])[()]
        if tag == "r":
            _need(size == 5, "a bad object")
            return self.resolve(Ref(self.number(tree[1]), *(self.short(t) for t in tree[2:])))
        if tag == "c":
            _need(size == 2, "a bad callback")
            return self.resolve(Callback(self.number(tree[1])))
        if tag == "v":
            _need(size == 3, "a bad array")
            return self.resolve(Live(self.number(tree[1]), self.array(tree[2])))
        raise WireError("an unknown item")

    def dict(self, pairs: list, depth: int) -> dict:
        # Numbers and tuples can be chosen to share one hash, and then n keys cost n * n steps;
        # Python salts the hashes of text.
        texts = all(type(pair) is list and pair and type(pair[0]) is str for pair in pairs)
        _need(texts or len(pairs) <= 1000, "a dict of so many keys that are no text")
        result = {}
        for pair in pairs:
            _need(type(pair) is list and len(pair) == 2, "a bad pair in a dict")
            key = self.value(pair[0], depth + 1)
            _need(_is_key(key), "a bad key in a dict")
            _need(key not in result, "a key twice in a dict")
            result[key] = self.value(pair[1], depth + 1)
        return result


def _json(raw: bytes, bounds: Bounds):
    """Parse JSON of known size; a comma or bracket count bounds what it can unfold to."""
    _need(len(raw) <= bounds.header_bytes, "a header that is too long")
    count = raw.count(b",") + raw.count(b"[") + raw.count(b"{")
    _need(count <= 8 * bounds.items, "too many items")
    try:
        return json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WireError("a header that is no JSON") from error


def decode(frame: bytes, resolve: Callable | None = None, bounds: Bounds = BOUNDS):
    """Return the value in a frame.

    Parameters
    ----------
    frame : bytes
        Anything at all.
    resolve : callable, optional
        Given each `Ref`, `Callback` and `Live`, returns the value to put in its place;
        it may raise `WireError`. By default they stay.
    bounds : Bounds

    Raises
    ------
    WireError
        If the frame is malformed, lies or is too large. Nothing else is raised.
    """
    _need(len(frame) >= _LENGTHS.size, "a frame that is too short")
    header_size, body_size = _check_lengths(frame[: _LENGTHS.size], bounds)
    _need(len(frame) == _LENGTHS.size + header_size + body_size, "a frame of the wrong length")
    view = memoryview(frame)[_LENGTHS.size :]
    head = _json(bytes(view[:header_size]), bounds)
    _need(type(head) is list and len(head) == 2 and type(head[0]) is list, "a bad header")
    sizes, tree = head
    _need(all(type(n) is int and 0 <= n <= body_size for n in sizes), "a bad size of a buffer")
    _need(sum(sizes) == body_size, "buffers that do not fill the body")
    buffers, start = [], header_size
    for size in sizes:
        buffers.append(view[start : start + size])
        start += size
    try:
        return _Decoder(buffers, resolve or (lambda record: record), bounds).value(tree)
    except UnicodeDecodeError as error:
        raise WireError("a text that is no UTF-8") from error
    except (ValueError, OverflowError, MemoryError, RecursionError, TypeError) as error:
        if isinstance(error, WireError):
            raise
        raise WireError(f"a value that cannot be read ({type(error).__name__})") from error


def _check_lengths(raw: bytes, bounds: Bounds) -> tuple[int, int]:
    header_size, body_size = _LENGTHS.unpack(raw)
    _need(header_size <= bounds.header_bytes, "a header that is too long")
    _need(body_size <= bounds.body_bytes, "a body that is too long")
    return header_size, body_size


class Channel:
    """One end of a stream socket that carries frames.

    Parameters
    ----------
    sock : socket.socket
    bounds : Bounds

    Notes
    -----
    A deadline is a time of `time.monotonic`; None waits for ever. `EOFError` tells that
    the other end is closed, `TimeoutError` that the deadline has passed.
    """

    def __init__(self, sock: socket.socket, bounds: Bounds = BOUNDS) -> None:
        self.sock, self.bounds = sock, bounds
        self._come = bytearray()

    def close(self) -> None:
        """Close this end."""
        self.sock.close()

    def _wait(self, deadline: float | None) -> None:
        if deadline is None:
            self.sock.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)

    def send(self, frame: bytes, deadline: float | None = None) -> None:
        """Send one frame from `encode`."""
        view = memoryview(frame)
        try:
            while view:
                self._wait(deadline)
                view = view[self.sock.send(view) :]
        except (BrokenPipeError, ConnectionResetError) as error:
            raise EOFError("the other end is closed") from error

    def receive(self, deadline: float | None = None) -> bytes:
        """Return the next frame, whole, for `decode`.

        After a TimeoutError it may be called again: what had come is kept.

        Raises
        ------
        WireError
            If the frame announces more than the bounds allow.
        """
        self._fill(_LENGTHS.size, deadline)
        size = _LENGTHS.size + sum(_check_lengths(self._come[: _LENGTHS.size], self.bounds))
        self._fill(size, deadline)
        frame, self._come = self._come[:size], self._come[size:]
        return frame

    def _fill(self, size: int, deadline: float | None) -> None:
        # Grown as it comes: a length alone must not make the grader allocate 64 MB. What has
        # come of the next frame is kept: most frames are here, whole, after one call.
        while len(self._come) < size:
            self._wait(deadline)
            try:
                part = self.sock.recv(max(1 << 16, min(size - len(self._come), 1 << 18)))
            except ConnectionResetError as error:
                raise EOFError("the other end is closed") from error
            if not part:
                raise EOFError("the other end is closed")
            self._come += part
