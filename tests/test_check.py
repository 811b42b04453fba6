"""Check cells: parts, scores, reasons; what a student's code does to them and cannot do."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

from course.check import Check, call, call_and_inputs, shared


def outcome(function, *, hidden=True, points=2):
    """Return the score and the single result of a check with one part."""
    check = Check("exercise", points=points, hidden=hidden)
    check.part("the part", hint="look again")(lambda: function(check))
    return check.score(), check.results[0]


def test_score_is_a_plain_float_weighed_by_the_parts(capsys):
    check = Check("exercise", points=3)
    check.part("right", weight=2)(lambda: None)
    check.part("wrong", hint="the hint")(lambda: check.value("x", 1.0, 2.0))
    score = check.score()
    assert type(score) is float
    assert score == 2.0
    text = capsys.readouterr().out
    assert "exercise: 2 of 3 points" in text
    assert "expected 2" in text
    assert "got 1" in text
    assert "hint: the hint" in text


def test_a_hidden_check_shows_no_expected_value(capsys):
    outcome(lambda check: check.value("dx", np.array([1.5, 2.5]), np.array([8.25, 4.125])))
    text = capsys.readouterr().out
    assert "WRONG" in text
    assert "dx has 2 wrong values out of 2" in text
    assert "8.25" not in text
    assert "hint" not in text


def test_no_parts_give_no_points():
    assert Check("exercise", points=3).score() == 0.0


def test_not_written_yet_is_said_once(capsys):
    def stub():
        raise NotImplementedError

    check = Check("exercise", points=3)
    check.part("one")(stub)
    check.part("two")(stub)
    assert check.score() == 0.0
    assert capsys.readouterr().out.count("is not written yet") == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("bad shape"), "stopped with ValueError: bad shape"),
        (RecursionError("deep"), "stopped with RecursionError"),
        (SystemExit(0), "stopped with SystemExit"),
        (AssertionError("mine"), "stopped with AssertionError: mine"),
    ],
)
def test_an_error_is_a_failed_part(error, words):
    def function(check):
        raise error

    score, result = outcome(function)
    assert score == 0
    assert words in result.reason


def test_an_interrupt_is_not_swallowed():
    def function(check):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outcome(function)


def test_a_wrong_name_is_named_with_the_one_found():
    class Layer:
        def foward(self, x):
            return x

    score, result = outcome(lambda check: Layer().forward(1))
    assert score == 0
    assert "Layer has no 'forward'; found 'foward'" in result.reason


def test_a_name_in_other_letters_comes_first():
    class Layer:
        dw, db, dx = 1, 2, 3

    assert "Layer has no 'dW'; found 'dw'" in outcome(lambda check: Layer().dW)[1].reason


def test_a_line_of_a_file_is_not_called_a_line_of_the_cell(tmp_path):
    """A layer that unit 06 loads from the toolbox lies in a file; a cell does not."""
    path = tmp_path / "Relu.py"
    path.write_text("def forward(x):\n    return x / 0\n")
    for name, where in ((str(path), "line 2 of Relu.py: return x / 0"), ("<cell>", "of your cell")):
        names = {}
        exec(compile(path.read_text(), name, "exec"), names)
        reason = outcome(lambda check, f=names["forward"]: f(1))[1].reason
        assert where in reason


def test_too_few_values_are_named():
    def function(check):
        _dx, _dy = 3.0

    assert "wrong number of values" in outcome(function)[1].reason


@pytest.mark.parametrize("hidden", [True, False])
def test_warnings_and_prints_reach_no_stderr(hidden, capfd):
    def function(check):
        warnings.warn("loud", stacklevel=1)
        print("to stderr", file=sys.stderr)
        np.exp(np.array([1000.0]))
        np.log(np.array([0.0]))

    score, _ = outcome(function, hidden=hidden)
    assert score == 2
    assert capfd.readouterr().err == ""


def test_prints_are_seen_in_a_visible_check_alone(capsys):
    outcome(lambda check: print("my value"), hidden=True)
    assert "my value" not in capsys.readouterr().out
    outcome(lambda check: print("my value"), hidden=False)
    assert "my value" in capsys.readouterr().out


def test_call_gives_and_takes_copies():
    kept = []

    def answer(x, parts):
        x[...] = 0
        parts["a"][...] = 0
        kept.append(np.ones(2))
        return {"out": kept[0], "pair": (kept[0], [kept[0]])}

    x, parts = np.ones(3), {"a": np.ones(1)}
    result = call(answer, x, parts)
    kept[0][...] = 9
    assert x.all()
    assert parts["a"].all()
    assert (result["out"] == 1).all()
    assert (result["pair"][1][0] == 1).all()


def test_call_and_inputs_shows_what_was_changed():
    def answer(x):
        x[0] = 5
        return 1.0

    result, (after,) = call_and_inputs(answer, np.zeros(2))
    assert result == 1.0
    np.testing.assert_array_equal(after, [5, 0])


def test_shared_is_held_by_reference():
    class Layer:
        def __init__(self, W):
            self.W = W

    W = shared(np.ones(2))
    layer = Layer(W)
    W[...] = 7
    assert (layer.W == 7).all()


def test_gradient_by_formula_passes_and_by_nudging_is_seen():
    x = np.array([0.3, -1.2, 2.0])

    def f(v):
        return np.sum(np.sin(v))

    exact = np.cos(x)
    nudged = (np.sin(x + 1e-5) - np.sin(x - 1e-5)) / 2e-5
    assert outcome(lambda c: c.gradient("dx", exact, f, x, exact=exact))[0] == 2
    score, result = outcome(lambda c: c.gradient("dx", nudged, f, x, exact=exact))
    assert score == 0
    assert "is it a formula" in result.reason
    assert outcome(lambda c: c.gradient("dx", 2 * exact, f, x, exact=exact))[0] == 0
    assert outcome(lambda c: c.gradient("dx", np.full(3, np.nan), f, x, exact=exact))[0] == 0
    assert outcome(lambda c: c.gradient("dx", nudged, f, x))[0] == 2


def test_same_compares_types_too():
    assert outcome(lambda c: c.same("names", ["a"], ["a"]))[0] == 2
    assert (
        "is a tuple, wanted a list" in outcome(lambda c: c.same("names", ("a",), ["a"]))[1].reason
    )
    assert outcome(lambda c: c.same("names", ["b"], ["a"]))[0] == 0


def test_probes_differ_by_exercise_and_term_and_repeat_otherwise(monkeypatch):
    first = Check("relu", 3, hidden=True).rng.random()
    assert Check("relu", 3, hidden=True).rng.random() == first
    assert Check("tanh", 3, hidden=True).rng.random() != first
    monkeypatch.setenv("COURSE_PROBE_SEED", "1")
    assert Check("relu", 3, hidden=True).rng.random() != first


def test_a_wrong_value_is_told_by_what_was_called():
    """The upstream gradient, an input that was changed, a second call: facts, not values."""
    x, dout = np.array([1.5, -2.5, 3.5]), np.array([0.3, 0.7, -1.1])

    class Layer:
        def backward(self, dout):
            return dout

        def forward(self, x):
            x[x < 0] = 0
            return x * 3.3 + np.arange(3)

        def count(self, x):
            self.calls = getattr(self, "calls", 0) + 1
            return x * x + self.calls * x + np.arange(3)

    def passed_on(check):
        check.value("dx", call(Layer().backward, dout), dout * x)

    def changed_its_input(check):
        check.value("out", call(Layer().forward, x), x * x * x)

    def called_again(check):
        layer = Layer()
        call(layer.count, x)
        check.value("out", call(layer.count, x), np.sqrt(x * x))

    assert outcome(passed_on)[1].reason == "dx equals the upstream gradient itself"
    assert outcome(changed_its_input)[1].reason.endswith(
        "forward has changed the first input of forward in place"
    )
    assert outcome(called_again)[1].reason.endswith(
        "; count gives something else when it is called again"
    )
    assert (x == [1.5, -2.5, 3.5]).all()


def test_a_wrong_value_that_is_right_for_another_name():
    check = Check("exercise", points=1, hidden=True)
    dW, db = np.array([1.5, 2.5, -3.0]), np.array([0.5, -2.0, 7.0])
    check.part("dW")(lambda: check.value("dW", dW, dW))
    check.part("db")(lambda: check.value("db", dW, db))
    assert check.results[1].reason == "db equals the right value of dW"
