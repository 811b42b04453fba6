"""Stand-ins: a check cannot tell them from the student's objects, save where it must."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import course.check
from course import facts
from grader.errors import ProtocolError, RemoteError, TimedOut
from grader.forkserver import ForkServer
from grader.remote import Operation, StandIn
from grader.sandbox import Limits, available

pytestmark = pytest.mark.skipif(available() is not None, reason=str(available()))

ANSWERS = '''
import numpy as np
from collections import OrderedDict

class Affine:
    """A layer."""
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.params = OrderedDict(W=W, b=b)
        self.history = [1, "two"]
        self.shape = (2, 3)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW = self.x.T @ dout
        return dout @ self.W.T

    def spoil(self, x):
        x[...] = 0
        self.W[...] = 0
        return 1.0

    def misspelt(self):
        return self.wieghts

def numerical_gradient(f, x, h=1e-5):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        above = f(x)
        x[i] = old - h
        grad[i] = (above - f(x)) / (2 * h)
        x[i] = old
    return grad

def step(layer, lr):
    layer.W -= lr * layer.dW

def grads(x):
    return {"W": x * 2, "names": ["a", ("b", None)], "n": np.float64(1.5)}

def plain(kind):
    return {
        "int": 3, "float": 2.5, "bool": True, "text": "hi", "none": None, "nan": float("nan"),
        "mask": np.array([True, False]), "f32": np.ones(2, "f4"), "ordered": OrderedDict(a=1),
    }[kind]

answer = 42
'''


@pytest.fixture(scope="module")
def server():
    with ForkServer(Limits(call_time_s=20, cell_time_s=60)) as server:
        yield server


@pytest.fixture(scope="module")
def session(server):
    with server.new_session() as session:
        assert session.run_cell(ANSWERS, cell_id="answers").error is False
        yield session


@pytest.fixture
def fresh(server):
    with server.new_session() as session:
        session.run_cell(ANSWERS, cell_id="answers")
        yield session


def odd(session, source):
    """Return what a function of no arguments with the body ``source`` answers."""
    assert not session.run_cell(f"def odd():\n    {source}", cell_id="odd").error
    return session.stand_in("odd")()


# ---------------------------------------------------------------- what works as in one process


def test_construct_call_and_read(session):
    rng = np.random.default_rng(0)
    W, b, x, dout = (rng.normal(size=s) for s in ((3, 2), 2, (4, 3), (4, 2)))
    layer = session.stand_in("Affine")(W, b)
    out = layer.forward(x)
    assert type(out) is np.ndarray
    assert np.array_equal(out, x @ W + b)
    assert np.array_equal(layer.backward(dout), dout @ W.T)
    assert facts.mismatch(layer.dW, x.T @ dout) is None
    layer.x = np.ones((4, 3))
    layer.backward(dout)
    assert np.allclose(layer.dW, np.ones((3, 4)) @ dout)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", 3),
        ("float", 2.5),
        ("bool", True),
        ("text", "hi"),
        ("none", None),
        ("ordered", {"a": 1}),
    ],
)
def test_plain_answers_are_values(session, kind, value):
    got = session.stand_in("plain")(kind)
    assert got == value
    assert type(got) is type(value)


def test_arrays_keep_their_type(session):
    plain = session.stand_in("plain")
    assert plain("mask").dtype == bool
    assert plain("f32").dtype == np.float32
    assert np.isnan(plain("nan"))


def test_containers_of_a_call_are_values(session):
    got = session.stand_in("grads")(np.arange(3.0))
    assert type(got) is dict
    assert got["W"].tolist() == [0, 2, 4]
    assert got["names"] == ["a", ("b", None)]
    assert type(got["n"]) is np.float64


def test_named_arguments(session):
    got = session.stand_in("numerical_gradient")(lambda v: float(v.sum()), np.zeros(2), h=0.5)
    assert got.tolist() == [1, 1]


def test_a_plain_name_is_a_value(session):
    assert session.stand_in("answer") == 42


def test_containers_of_an_object_are_live(session):
    layer = session.stand_in("Affine")(np.ones((2, 2)), np.zeros(2))
    params = layer.params
    assert list(params) == params.keys() == ["W", "b"]
    assert len(params) == 2
    assert "W" in params
    assert "V" not in params
    assert params.get("V") is None
    assert sorted(dict(params)) == ["W", "b"]
    assert [k for k, v in params.items() if v.ndim == 2] == ["W"]
    assert params.values()[1].tolist() == [0, 0]
    params["V"] = [1, 2]
    assert "V" in layer.params
    assert list(layer.history) == [1, "two"]
    layer.history[0] = 5
    assert layer.history[0] == 5
    assert layer.shape == (2, 3)
    with pytest.raises(KeyError):
        params["nothing"]


def test_writing_into_an_array_of_an_object(session):
    layer = session.stand_in("Affine")(np.zeros((2, 2)), np.zeros(2))
    layer.params["W"][...] = [[1, 2], [3, 4]]
    assert layer.W.tolist() == [[1, 2], [3, 4]]
    layer.W[0][1] = 9  # through a view of a view
    layer.W[1] += 1
    kept = layer.b
    kept -= 1
    assert layer.forward(np.eye(2)).tolist() == [[0, 8], [3, 4]]
    kept[0] = np.nan
    assert np.isnan(layer.b[0])


def test_only_written_elements_are_written(session):
    layer = session.stand_in("Affine")(np.zeros((2, 2)), np.zeros(2))
    held = layer.W
    layer.W[0, 0] = 1
    held[1, 1] = 2
    assert layer.W.tolist() == [[1, 0], [0, 2]]


def test_a_shared_array_is_held_by_reference(session):
    W = session.share(np.ones((2, 2)))
    layer = session.stand_in("Affine")(W, np.zeros(2))
    W[...] = [[1, 2], [3, 4]]
    assert layer.forward(np.eye(2)).tolist() == [[1, 2], [3, 4]]
    copy = course.check._snapshot(W)
    other = session.stand_in("Affine")(copy, np.zeros(2))
    W[...] = 0
    assert other.W.tolist() == [[1, 2], [3, 4]]


def test_student_code_cannot_change_what_a_check_holds(session):
    W, x = session.share(np.ones((2, 2))), np.ones((1, 2))
    layer = session.stand_in("Affine")(W, np.zeros(2))
    seen = layer.W
    layer.spoil(x)
    assert (W == 1).all()
    assert (x == 1).all()
    assert (seen == 1).all()
    assert (layer.W == 0).all()


def test_inputs_after_a_call(session):
    layer = session.stand_in("Affine")(np.ones((2, 2)), np.zeros(2))
    result, (x,) = course.check.call_and_inputs(layer.spoil, np.ones(3))
    assert result == 1.0
    assert x.tolist() == [0, 0, 0]


def test_a_stand_in_as_an_argument_is_the_object_itself(session):
    layer = session.stand_in("Affine")(np.ones((2, 2)), np.zeros(2))
    layer.forward(np.eye(2))
    layer.backward(np.ones((2, 2)))
    course.check.call(session.stand_in("step"), layer, 0.5)
    assert layer.W.tolist() == [[0.5, 0.5], [0.5, 0.5]]


# ---------------------------------------------------------------- callbacks


def test_a_function_as_an_argument_is_called_back(session):
    x = np.arange(6.0).reshape(2, 3)
    got = session.stand_in("numerical_gradient")(lambda v: float((v**2).sum()), x)
    assert np.allclose(got, 2 * x)
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_callback_may_ask_the_session(session):
    layer = session.stand_in("Affine")(np.ones((2, 2)), np.zeros(2))
    gradient = session.stand_in("numerical_gradient")
    x = np.ones((1, 2))
    got = gradient(lambda _: float(layer.forward(x).sum()), layer.W)
    assert np.allclose(got, 1)
    assert layer.W.tolist() == [[1, 1], [1, 1]]


def test_an_error_in_a_callback_comes_back_under_its_name(session):
    def f(v):
        raise ZeroDivisionError("in the check")

    with pytest.raises(ZeroDivisionError, match="^in the check$") as caught:
        session.stand_in("numerical_gradient")(f, np.ones(1))
    assert isinstance(caught.value, RemoteError)
    assert caught.value.where == " (line 34 of your cell: above = f(x))"


def test_a_callback_that_ends_the_grader_does_not(session):
    def f(v):
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match="SystemExit"):
        session.stand_in("numerical_gradient")(f, np.ones(1))
    assert session.ended is None


def test_calls_without_end_between_both_sides(fresh):
    fresh.run_cell("def again(f):\n    return f(f)", cell_id="again")
    again = fresh.stand_in("again")

    def f(_):
        return again(f)

    with pytest.raises(RecursionError):
        again(f)
    assert fresh.stand_in("answer") == 42


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("raise NotImplementedError()", NotImplementedError, "^$"),
        ("raise ValueError('of mine')", ValueError, "of mine"),
        ("return 1 / 0", ZeroDivisionError, "division"),
        ("return {}['k']", KeyError, "'k'"),
        ("return odd()", RecursionError, "recursion"),
        ("return np.linalg.inv(np.zeros((2, 2)))", ValueError, "Singular"),
        ("raise EOFError('mine')", EOFError, "mine"),
        ("raise TimeoutError('mine')", TimeoutError, "mine"),
        ("raise OSError(2, 'mine')", OSError, "mine"),
        ("raise StopIteration(1)", StopIteration, "1"),
        ("return b'\\xff'.decode()", ValueError, "utf-8"),
        ("return undefined_name", NameError, "undefined_name"),
        ("exit(3)", RemoteError, None),
        ("raise SystemExit(3)", RemoteError, "3"),
        ("raise KeyboardInterrupt", RemoteError, None),
        ("raise GeneratorExit", RemoteError, None),
        ("raise ExceptionGroup('two', [ValueError()])", RemoteError, "two"),
        ("raise type('Odd', (ArithmeticError,), {})('mine')", ArithmeticError, "mine"),
        ("raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})()", RemoteError, "^$"),
    ],
)
def test_errors_of_student_code(session, source, kind, message):
    with pytest.raises(kind, match=message) as caught:
        odd(session, source)
    assert isinstance(caught.value, RemoteError)
    assert not isinstance(caught.value, (SystemExit, KeyboardInterrupt))
    assert session.ended is None


def test_an_error_knows_its_line(session):
    with pytest.raises(ZeroDivisionError) as caught:
        odd(session, "x = 1\n    return x / 0")
    error = caught.value
    assert (error.cell_id, error.line, error.source_line) == ("odd", 3, "return x / 0")
    assert error.where == " (line 3 of your cell: return x / 0)"


def test_a_missing_name_is_explained(session):
    with pytest.raises(NameError, match="'Afine' is not defined; found 'Affine'"):
        session.stand_in("Afine")


def test_a_missing_attribute_is_explained(session):
    layer = session.stand_in("Affine")(np.ones((2, 2)), np.zeros(2))
    for wrong in (lambda: layer.foward, layer.misspelt):
        with pytest.raises(AttributeError) as caught:
            wrong()
        text = course.check._explain(caught.value, "")
        assert text.startswith("Affine has no ")
    assert "has no 'wieghts'" in text
    with pytest.raises(AttributeError) as caught:
        layer.foward  # noqa: B018
    assert "; found 'forward'" in course.check._explain(caught.value, "")


# ---------------------------------------------------------------- what is no plain data

SHAPES = {
    "a subclass of ndarray": (
        "class Sneaky(np.ndarray):\n        def __eq__(self, other): return np.True_\n"
        "        def __array_function__(self, *a): return np.True_\n"
        "        def __array_ufunc__(self, *a, **k): return np.zeros(2)\n"
        "    return np.zeros(2).view(Sneaky)"
    ),
    "equal to everything": (
        "class Yes:\n        __array_priority__ = 99\n        def __eq__(self, other): return True\n"
        "        def __float__(self): return 6.0\n        def __array__(self, *a): return np.array(6.0)\n"
        "        def __bool__(self): return True\n        def __index__(self): return 6\n"
        "    return Yes()"
    ),
    "a float with its own operators": (
        "class F(float):\n        def __eq__(self, other): return True\n"
        "        def __sub__(self, other): return 0.0\n        __rsub__ = __sub__\n    return F(1.0)"
    ),
    "objects": "return np.array([6.0, None], dtype=object)",
    "complex array": "return np.zeros(2, dtype=complex)",
    "complex number": "return 6 + 0j",
    "text array": "return np.array(['6'])",
    "masked": "return np.ma.masked_array([6.0], mask=[True])",
    "matrix": "return np.matrix([[6.0]])",
    "function": "return odd",
    "class": "return Affine",
    "set": "return {6.0}",
    "generator": "return (x for x in [6.0])",
    "decimal": "import decimal\n    return decimal.Decimal(6)",
    "long double": "return np.longdouble(6)",
    "none": "return None",
    "nan": "return float('nan')",
    "nan array": "return np.full(2, np.nan)",
    "text": "return '6.0'",
    "list": "return [6.0]",
    "bool": "return True",
}


@pytest.mark.parametrize("name", SHAPES)
def test_wrong_kinds_of_answers_earn_nothing(session, name):
    got = odd(session, SHAPES[name])
    for expected in (6.0, np.array([6.0]), np.array([6.0, 6.0]), np.zeros(2)):
        reason = facts.mismatch(got, expected)
        assert reason, name
        assert "StandIn" not in reason
    assert session.ended is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a subclass of ndarray", "a Sneaky, a subclass of ndarray"),
        ("objects", "an array of objects, not of numbers"),
        ("complex array", "an array of complex128, not of numbers"),
        ("equal to everything", "a Yes object"),
        ("function", "the function odd itself: is a pair of brackets missing?"),
        ("class", "the class Affine itself, not an instance"),
        ("set", "a set"),
    ],
)
def test_a_stand_in_says_what_it_stands_for(session, name, words):
    assert odd(session, SHAPES[name]).__about__ == words


def test_numbers_cannot_be_made_of_a_stand_in(session):
    thing = odd(session, SHAPES["equal to everything"])
    before = len(session.transcript)
    with pytest.raises(TypeError, match="a Yes object: not a number or a numpy array"):
        np.asarray(thing)
    for use in (
        lambda: np.allclose(thing, 6.0),
        lambda: np.add(thing, 1),
        lambda: np.ones(2) * thing,
        lambda: float(thing),
        lambda: thing + 1,
        lambda: abs(thing),
        lambda: thing < 1,
        lambda: len(thing),
        lambda: thing[0],
    ):
        with pytest.raises(TypeError):
            use()
    assert (thing == 6.0) is False
    assert thing != 6.0
    assert bool(thing)
    assert "Yes" in repr(thing)
    assert len(session.transcript) == before  # nothing was asked


def test_a_list_within_itself(session):
    got = odd(session, "loop = []; loop.append(loop)\n    return loop")
    assert isinstance(got, StandIn)
    assert "too large" in got.__about__


def test_an_answer_that_is_too_large(session):
    for source in (
        "return np.zeros(20_000_000)",
        "return [0] * 1_000_000",
        "return 'x' * (1 << 27)",
    ):
        assert "too large" in odd(session, source).__about__
    assert session.stand_in("answer") == 42


def test_something_without_end(session):
    endless = odd(session, "import itertools\n    return itertools.count()")
    with pytest.raises(OverflowError, match="more than"):
        list(endless)


def test_an_object_with_a_property_that_fails(session):
    source = (
        "class Meta(type):\n        @property\n        def __name__(cls): 1 / 0\n"
        "    class Odd(metaclass=Meta):\n        @property\n        def __class__(self): 1 / 0\n"
        "    return Odd()"
    )
    assert isinstance(odd(session, source), StandIn)


def test_a_name_from_the_session_is_only_a_name(session):
    got = odd(session, "return type('os.system(1)' * 50, (), {})()")
    assert type(got).__name__ == "object"


# ---------------------------------------------------------------- the table and the transcript


def test_only_plain_data_is_passed(session):
    grads = session.stand_in("grads")
    for value in (
        {1, 2},
        b"x",
        1j,
        np.zeros(1, complex),
        np.zeros(1).view(type("S", (np.ndarray,), {})),
    ):
        with pytest.raises(TypeError, match="cannot be given"):
            grads(value)
    assert grads(np.ones(1))["W"].tolist() == [2]


def test_a_stand_in_of_another_session(session, fresh):
    layer = fresh.stand_in("Affine")(np.ones((2, 2)), np.zeros(2))
    with pytest.raises(TypeError, match="another session"):
        session.stand_in("step")(layer, 0.1)


def test_what_a_check_lets_go_is_forgotten(fresh):
    make = fresh.stand_in("Affine")
    for _ in range(50):
        layer = make(np.ones((2, 2)), np.zeros(2))
        layer.W[0, 0] = 2
        layer.params["W"].sum()
    del layer
    gc.collect()
    source = "import gc, grader.inside.objects as o\n[len(d.objects) for d in gc.get_objects() if type(d) is o.Desk]"
    fresh.stand_in("answer")
    fresh.stand_in("answer")
    shown = fresh.run_cell(source, cell_id="count").outputs[0]["data"]["text/plain"]
    assert int(shown.strip("[]")) < 10
    assert len(fresh._remote._live) == 0


def test_what_a_class_is_known_to_have_is_read_along_with_the_next_request(fresh, monkeypatch):
    asked = []
    real = type(fresh)._request
    monkeypatch.setattr(type(fresh), "_request", lambda *a: (asked.append(a[1]), real(*a))[1])
    fresh.run_cell(
        "class Net:\n"
        "    def __init__(self): self.params = {'w': 1.0}\n"
        "    def rebind(self): self.params = {'w': 2.0}\n"
        "    def lose(self): del self.params\n"
        "def apply(f): return f()\n"
        "def first(held): return held['params']['w']",
        cell_id="net",
    )
    make, apply, first = (fresh.stand_in(n) for n in ("Net", "apply", "first"))
    make().rebind(), make().params["w"], make().lose()
    net, asked[:] = make(), []
    before = net.params
    net.rebind()
    assert (before["w"], net.params["w"]) == (1.0, 2.0)  # each as it was when it was read
    assert asked == ["call", "item", "item"]
    apply(net.rebind)
    assert first({"params": net.params}) == 2.0
    assert asked[3:] == ["call", "call"]
    net.lose()
    gone = net.params
    with pytest.raises(AttributeError, match="params"):
        gone["w"]
    with pytest.raises(AttributeError, match="params"):
        "w" in gone  # noqa: B015
    done = [(o.action, o.arguments[1:]) for o in fresh.transcript[-9:]]
    assert ("get", ("params",)) in done


def test_what_is_read_ahead_is_forgotten_too(fresh):
    fresh.run_cell("class A:\n    def f(self): return 1", cell_id="a")
    make = fresh.stand_in("A")
    for _ in range(fresh.limits.objects):
        assert make().f() == 1  # one object and one method each


def test_the_transcript_tells_what_was_done(fresh):
    layer = fresh.stand_in("Affine")(np.ones((2, 2)), np.zeros(2))
    x = np.eye(2)
    layer.forward(x)
    x[...] = 7
    with pytest.raises(AttributeError):
        layer.foward  # noqa: B018
    name, make, get, call, failed = fresh.transcript
    assert isinstance(name, Operation)
    assert (name.action, name.arguments) == ("name", ("Affine",))
    assert make.action == call.action == "call"
    assert make.arguments[0].number == name.result[1].number
    assert get.arguments == (make.result, "forward")
    assert call.arguments[0] == get.result
    assert call.arguments[1][0].tolist() == [[1, 0], [0, 1]]
    assert call.result.tolist() == [[1, 1], [1, 1]]
    assert failed.error.startswith("AttributeError: ")
    assert fresh.transcript_complete


def test_the_transcript_is_bounded(fresh, monkeypatch):
    monkeypatch.setattr("grader.remote.TRANSCRIPT_OPERATIONS", 3)
    for _ in range(5):
        fresh.stand_in("answer")
    assert len(fresh.transcript) == 3
    assert not fresh.transcript_complete


def test_a_check_runs_on_stand_ins_as_on_objects(session):
    check = course.check.Check("affine", points=2)
    rng = check.rng
    Affine = session.stand_in("Affine")
    x, W, b, dout = (rng.normal(size=s) for s in ((4, 3), (3, 2), 2, (4, 2)))

    @check.part("forward")
    def _():
        check.value("out", course.check.call(Affine(W, b).forward, x), x @ W + b)

    @check.part("backward")
    def _():
        layer = Affine(W, b)
        course.check.call(layer.forward, x)
        dx = course.check.call(layer.backward, dout)
        check.gradient("dx", dx, lambda v: ((v @ W + b) * dout).sum(), x, exact=dout @ W.T)
        check.value("dW", layer.dW, x.T @ dout)

    assert check.score() == 2.0


# ---------------------------------------------------------------- lies


LIE = """
import os, struct, json
from grader import wire

def lie():
    os.write(3, wire.encode({message}))
    import time; time.sleep(30)
"""


@pytest.mark.parametrize(
    "message",
    [
        "('ok', wire.Callback(1))",
        "('callback', 1, (), {})",
        "('callback', 'one', (), {})",
        "('callback', 10**6, (), {})",
        "('ok',)",
        "('fine', 1)",
        "[1, 2]",
        "5",
        "('error', 5)",
        "('error', {})",
        "('error', {'classes': [1], 'message': '', 'cell': '', 'line': 0})",
        "('error', {'classes': ['ValueError'], 'message': 5, 'cell': '', 'line': 0})",
        "('ok', [wire.Live(99, wire.np.zeros(1)), wire.Live(99, wire.np.zeros(1))])",
        "('ok', [wire.Ref(i) for i in range(150_000)])",
    ],
)
def test_a_message_that_no_session_of_ours_sends(server, message):
    with server.new_session() as session:
        session.run_cell(LIE.format(message=message), cell_id="lie")
        lie = session.stand_in("lie")
        with pytest.raises(ProtocolError):
            lie()
        with pytest.raises(ProtocolError):
            session.stand_in("lie")


@pytest.mark.parametrize("number", [0, 1, 2, 10**9])
def test_an_answer_about_an_unknown_object_is_only_a_number(server, number):
    with server.new_session() as session:
        session.run_cell(
            LIE.format(message=f"('ok', wire.Ref({number}, 'int', 'mapping'))"), cell_id="lie"
        )
        assert isinstance(session.stand_in("lie")(), StandIn)


def test_a_length_that_is_no_number(server):
    source = (
        "import os\nfrom grader import wire\nclass D(dict):\n    def __len__(self):\n"
        "        os.write(3, wire.encode(('ok', 'many')))\n        __import__('time').sleep(30)\n"
        "d = D()"
    )
    with server.new_session() as session:
        session.run_cell(source, cell_id="a")
        d = session.stand_in("d")
        with pytest.raises(ProtocolError, match="int"):
            len(d)
        assert isinstance(session.ended, ProtocolError)


def test_too_many_callbacks():
    server = ForkServer(Limits(callbacks=50, call_time_s=20))
    with server, server.new_session() as session:
        session.run_cell("def f(g):\n    for _ in range(100): g()", cell_id="a")
        with pytest.raises(ProtocolError, match="called 51 times"):
            session.stand_in("f")(lambda: None)


def test_a_callback_with_a_heavy_argument(fresh):
    fresh.run_cell("def f(g):\n    return g(__import__('numpy').zeros(1_000_000))", cell_id="a")
    with pytest.raises(ProtocolError, match="smaller"):
        fresh.stand_in("f")(lambda v: v.sum())


def test_late_calls():
    server = ForkServer(Limits(call_time_s=0.4, grace_s=1.5))
    with server, server.new_session() as session:
        session.run_cell(
            "import time\n"
            "def slow(): time.sleep(60)\n"
            "def late():\n    try: time.sleep(60)\n    except KeyboardInterrupt: return 6.0\n"
            "def stubborn():\n"
            "    while True:\n"
            "        try: time.sleep(60)\n"
            "        except BaseException: pass\n"
            "def never(f):\n    while True: f()\n",
            cell_id="slow",
        )
        slow, late, never = map(session.stand_in, ("slow", "late", "never"))
        with pytest.raises(TimedOut, match=r"0\.4 s, when the check called slow"):
            slow()
        with pytest.raises(TimedOut):  # an answer that comes too late is none
            late()
        with pytest.raises(TimedOut):
            never(lambda: None)
        assert session.ended is None
        with pytest.raises(TimedOut, match="could not be interrupted"):
            session.stand_in("stubborn")()
        with pytest.raises(TimedOut):
            slow()
