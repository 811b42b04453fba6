"""The wire: plain data comes through unchanged, and any bytes at all give a value or a WireError."""

from __future__ import annotations

import json
import math
import os
import random
import socket
import struct
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader import wire

DTYPES = st.sampled_from(["?", "i1", "i4", "i8", "u1", "u8", "f2", "f4", "f8", ">f8", ">i4"])
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
NUMBERS = st.one_of(ARRAYS.map(lambda a: a.ravel()[0] if a.size else np.float64(2)), st.floats())
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**1000), 2**1000), st.floats(), st.text()
)
KEYS = st.one_of(st.text(), st.integers(), st.tuples(st.text(), st.integers()))
PLAIN = st.recursive(
    st.one_of(SCALARS, ARRAYS, NUMBERS),
    lambda inner: st.one_of(
        st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


def same(a, b) -> bool:
    """Return whether two values are equal in kind and content; NaN equals NaN."""
    if isinstance(a, np.ndarray):
        if type(b) is not np.ndarray or a.shape != b.shape:
            return False
        return a.dtype.newbyteorder("=") == b.dtype and np.array_equal(
            a, b, equal_nan=a.dtype.kind == "f"
        )
    if isinstance(a, np.generic):
        native = a.dtype.newbyteorder("=").type
        return type(b) is native and (bool(a == b) or (a != a and b != b))
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, str):
        return b == a.encode("utf-8", "replace").decode()
    return a == b or (a != a and b != b)


@given(PLAIN)
@settings(max_examples=150, deadline=None)
def test_plain_data_comes_through_unchanged(value):
    assert same(value, wire.decode(wire.encode(value)))


def test_records_come_through_unchanged():
    ref, function = wire.Ref(7, "Affine", "object", "an Affine object"), wire.Callback(3)
    assert wire.decode(wire.encode([ref, function])) == [ref, function]
    live = wire.decode(wire.encode(wire.Live(4, np.arange(3.0))))
    assert live.number == 4
    assert live.array.tolist() == [0, 1, 2]


class Sneaky(np.ndarray):
    """A subclass that could decide a comparison."""

    def __eq__(self, other):
        return np.ones(self.shape, bool)


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(3).view(Sneaky),
        np.array([1, None], dtype=object),
        np.zeros(2, complex),
        np.array(["text"]),
        np.zeros(2, dtype=[("a", "f8")]),
        np.ma.masked_array([1.0]),
        np.complex128(1),
        1j,
        {1, 2},
        b"bytes",
        2**5000,
        type("Text", (str,), {})("x"),
        type("Number", (float,), {})(1.0),
        type("Keys", (dict,), {})(),
        object(),
        {frozenset(): 1},
        lambda: None,
    ],
    ids=lambda value: type(value).__name__,
)
def test_nothing_else_is_sent(value):
    with pytest.raises(wire.WireError):
        wire.encode(value)


def test_replace_is_asked_about_arrays_and_what_is_not_plain():
    seen = []

    def replace(value):
        seen.append(value)
        return wire.Ref(len(seen), "thing")

    frame = wire.encode([1, "a", np.zeros(2), {1, 2}], replace)
    assert wire.decode(frame) == [1, "a", wire.Ref(1, "thing"), wire.Ref(2, "thing")]


@pytest.mark.parametrize(
    "value",
    [
        [0] * (wire.BOUNDS.items + 1),
        np.zeros(wire.BOUNDS.body_bytes // 8 + 1),
        "x" * (wire.BOUNDS.body_bytes + 1),
    ],
    ids=["items", "array", "text"],
)
def test_too_large_is_said_before_it_is_sent(value):
    with pytest.raises(wire.WireError):
        wire.encode(value)


def test_a_list_within_itself_is_too_deep():
    loop: list = []
    loop.append(loop)
    with pytest.raises(wire.WireError, match="deep"):
        wire.encode(loop)


def frame(header, body: bytes = b"") -> bytes:
    """Return a frame with any header."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("!II", len(raw), len(body)) + raw + body


EIGHT = bytes(8)
BAD_FRAMES = {
    "empty": b"",
    "lengths alone": struct.pack("!II", 5, 5),
    "huge lengths": struct.pack("!II", 2**32 - 1, 2**32 - 1),
    "no json": frame(b"\xff\xfe"),
    "deep json": frame(b"[" * 100_000),
    "many items": frame(b"[[]," + b"[]," * 1_800_000 + b"0]"),
    "no pair": frame([1]),
    "object in json": frame([[], {"a": 1}]),
    "unknown tag": frame([[], ["z", 1]]),
    "array larger than its bytes": frame([[8], ["a", "<f8", [1000000], 0]], EIGHT),
    "array smaller than its bytes": frame([[8], ["a", "<f8", [0], 0]], EIGHT),
    "array of objects": frame([[8], ["a", "|O", [1], 0]], EIGHT),
    "array of void": frame([[8], ["a", "|V8", [1], 0]], EIGHT),
    "negative size": frame([[8], ["a", "<f8", [-1], 0]], EIGHT),
    "size that overflows": frame([[0], ["a", "<f8", [2**39, 2**39, 0], 0]]),
    "bool as a size": frame([[8], ["a", "<f8", [True], 0]], EIGHT),
    "float as a size": frame([[8], ["a", "<f8", [1.0], 0]], EIGHT),
    "many dimensions": frame([[8], ["a", "<f8", [1] * 65, 0]], EIGHT),
    "unknown buffer": frame([[8], ["a", "<f8", [1], 1]], EIGHT),
    "negative buffer": frame([[8], ["a", "<f8", [1], -1]], EIGHT),
    "buffers that overlap the end": frame([[16], ["a", "<f8", [1], 0]], EIGHT),
    "buffers left over": frame([[4], None], EIGHT),
    "text that is no utf-8": frame([[1], ["s", 0]], b"\xff"),
    "half a character": frame(b'[[], "\\ud800"]'),
    "number of 5000 digits": frame(b"[[], " + b"1" * 5000 + b"]"),
    "number of 4000 digits": frame(b"[[], " + b"1" * 4000 + b"]"),
    "list as a key": frame([[], ["d", [[["l", []], 1]]]]),
    "array as a key": frame([[8], ["d", [[["a", "<f8", [1], 0], 1]]]], EIGHT),
    "a key twice": frame([[], ["d", [["a", 1], ["a", 2]]]]),
    "a pair of three": frame([[], ["d", [["a", 1, 2]]]]),
    "handle that is negative": frame([[], ["r", -1, "", "", ""]]),
    "handle that is text": frame([[], ["r", "1", "", "", ""]]),
    "name that is a list": frame([[], ["r", 1, [], "", ""]]),
    "deep lists": frame([[], eval("['l',[" * 30 + "]]" * 30)]),
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_a_bad_frame_is_a_wire_error(name):
    with pytest.raises(wire.WireError):
        wire.decode(BAD_FRAMES[name])


def test_a_bool_is_true_or_false_whatever_its_byte():
    array = wire.decode(frame([[3], ["a", "|b1", [3], 0]], b"\x00\x01\x07"))
    assert array.view(np.uint8).tolist() == [0, 1, 1]


def test_infinite_numbers_come_through():
    assert wire.decode(wire.encode([math.inf, -math.inf])) == [math.inf, -math.inf]
    assert wire.decode(frame(b"[[], 1e999]")) == math.inf


def decodes_or_says_why(data: bytes) -> None:
    """Decode anything; only a WireError may come out."""
    try:
        wire.decode(data)
    except wire.WireError:
        pass


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes(data):
    decodes_or_says_why(data)


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-9, 99), st.floats(), st.sampled_from("ltdsanrcv")
    ),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


@given(st.lists(st.integers(0, 16), max_size=3), JSON, st.binary(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_json(sizes, tree, body):
    decodes_or_says_why(frame([sizes, tree], body))


def seeds() -> list[bytes]:
    """Return honest frames to damage."""
    values = [
        {"W": np.arange(6.0).reshape(2, 3), ("b", 1): np.float32(2), "t": "x" * 300},
        [wire.Ref(1, "A", "object", "an A"), wire.Callback(2), wire.Live(3, np.ones(2))],
        ("ok", (True, None, -5, 2.5, [[1], ()])),
    ]
    return [wire.encode(v) for v in values] + [f for f in BAD_FRAMES.values() if len(f) < 1000]


def fuzz(examples: int, seed: int = 0) -> None:
    """Decode honest frames with bytes changed, cut, doubled; fail on any other error."""
    chance, honest = random.Random(seed), seeds()
    marks = b'[]{},:"0123456789.-eltdsanrcv\x00\xff'
    for _ in range(examples):
        data = bytearray(chance.choice(honest))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data)) if data else 0
            kind = chance.randrange(4)
            if kind == 0:
                data[at : at + 1] = bytes([chance.choice(marks)])
            elif kind == 1:
                del data[at : at + chance.randint(1, 8)]
            elif kind == 2:
                data[at:at] = data[at : at + chance.randint(1, 12)]
            else:
                data[at : at + 1] = bytes([chance.randrange(256)])
        if len(data) >= 8 and chance.random() < 0.8:  # lengths that fit, to get further in
            header = data.rfind(b"]") + 1 or len(data)
            data[:8] = struct.pack("!II", max(0, header - 8), len(data) - max(8, header))
        decodes_or_says_why(bytes(data))


def test_damaged_frames():
    # 100,000 and more: FUZZ_EXAMPLES=1000000 pytest tests/test_wire.py -k damaged
    fuzz(int(os.environ.get("FUZZ_EXAMPLES", "20000")))


# ---------------------------------------------------------------- channels


@pytest.fixture
def channels():
    a, b = socket.socketpair()
    with a, b:
        yield wire.Channel(a), wire.Channel(b)


def test_frames_of_any_size_cross_a_channel(channels):
    ours, theirs = channels
    values = ["short", np.arange(300_000.0), "last"]
    sender = threading.Thread(target=lambda: [ours.send(wire.encode(v)) for v in values])
    sender.start()
    assert all(same(v, wire.decode(theirs.receive(time.monotonic() + 5))) for v in values)
    sender.join()


def test_a_deadline_passes_and_what_came_is_kept(channels):
    ours, theirs = channels
    data = wire.encode([1, 2, 3])
    theirs.sock.sendall(data[:5])
    with pytest.raises(TimeoutError):
        ours.receive(time.monotonic() + 0.02)
    theirs.sock.sendall(data[5:])
    assert wire.decode(ours.receive(time.monotonic() + 1)) == [1, 2, 3]


def test_a_slow_drip_does_not_move_the_deadline(channels):
    ours, theirs = channels
    theirs.sock.sendall(struct.pack("!II", 1000, 0))

    def drip():
        for _ in range(20):
            theirs.sock.send(b"x")
            time.sleep(0.02)

    thread = threading.Thread(target=drip)
    thread.start()
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        ours.receive(start + 0.1)
    assert time.monotonic() - start < 0.3
    thread.join()


def test_nobody_reads(channels):
    with pytest.raises(TimeoutError):
        channels[0].send(wire.encode(np.zeros(1_000_000)), time.monotonic() + 0.05)


def test_the_end_of_the_channel(channels):
    ours, theirs = channels
    theirs.close()
    with pytest.raises(EOFError):
        ours.receive()
    with pytest.raises(EOFError):
        ours.send(wire.encode(1))


def test_a_frame_that_announces_too_much(channels):
    ours, theirs = channels
    theirs.sock.sendall(struct.pack("!II", 10, 2**31))
    with pytest.raises(wire.WireError, match="too long"):
        ours.receive()
