"""The training dashboard: it trains what it is given, lets others through, and says what went wrong."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
import time

import numpy as np
import pytest

from course import data, widgets
from course._engine.network import Network
from course.gradient import gradient_check
from course.widgets import _trainer
from course.widgets import _training_dashboard as dashboard
from course.widgets._trainer import Interrupted, Trainer, describe, interruptible


def run(board, steps=None, pace="full"):
    """Press Start, and wait for the end."""

    async def whole():
        board.set("pace", pace)
        if steps is not None:
            board.steps = steps
        board.start()
        await board.finished()

    asyncio.run(whole())
    return board


# ---------------------------------------------------------------- the network and its training


def test_the_courses_network_passes_its_own_gradient_check():
    rng = np.random.default_rng(3)
    net = Network(4, 5, 3, 0.8, rng)
    net.params["b1"][...] = rng.standard_normal(5)
    x, t = rng.standard_normal((6, 4)), np.eye(3)[rng.permutation(6) % 3]
    errors = gradient_check(lambda: net.loss(x, t), net.params, net.gradient(x, t))
    assert max(errors.values()) < 1e-7
    # What leaves a layer is a gradient as well: that of the loss with respect to the batch.
    leaves = net.gradients_between(x, t)["Affine1"]
    assert gradient_check(lambda: net.loss(x, t), {"x": x}, {"x": leaves})["x"] < 1e-7


def test_training_is_the_plain_loop():
    task = dashboard.lesson("moons")
    watched, plain = Network(2, 8, 2, 0.5), Network(2, 8, 2, 0.5)
    rng = np.random.default_rng(0)
    for _ in range(50):
        rows = rng.integers(len(task.x), size=task.size)
        for name, grad in plain.gradient(task.x[rows], task.t[rows]).items():
            plain.params[name] -= 0.3 * grad
    trainer = Trainer(watched, task.x, task.t, task.size, 0.3)
    asyncio.run(trainer.run(lambda: None, limit=50))
    assert trainer.count == 50
    for name, array in plain.params.items():
        np.testing.assert_array_equal(watched.params[name], array)


@pytest.mark.parametrize(("data", "least"), [("spiral", 0.9), ("moons", 0.97), ("digits", 0.9)])
def test_it_learns(data, least):
    board = run(widgets.training_dashboard(data=data, lr=0.5), steps=1500)
    last = board._run.history[-1]
    assert last.test > least
    assert last.loss < board._run.history[0].loss / 3
    assert "1500 more steps are done" in board.state["say"]
    assert not board.state["running"]


def test_zeros_never_learn():
    board = widgets.training_dashboard(data="spiral")
    board.set("init", 0)
    run(board, steps=400)
    # Only b2 moves: each class keeps about the same share.
    assert board._run.history[-1].loss == pytest.approx(np.log(3), abs=0.05)
    assert not board._run.net.params["W1"].any()


def test_others_come_through_between_the_slices(monkeypatch):
    monkeypatch.setattr(_trainer, "SLICE_S", 0.0)  # a slice is one step then
    board = widgets.training_dashboard(steps=100)

    async def whole():
        turns = 0
        board.set("pace", "full")
        board.start()
        while board.running:
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(whole()) >= 100


class Clock:
    """Stands still but for what is said to take time."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 1e-3
        return self.now


@pytest.mark.parametrize(("cost", "rate"), [(0.0, 1 / _trainer.REPORT_S), (0.05, 0.4)])
def test_reports_are_bounded(monkeypatch, cost, rate):
    clock, reports = Clock(), []
    monkeypatch.setattr(_trainer, "perf_counter", clock)
    net = Network(2, 3, 3)
    task = dashboard.lesson("spiral")

    def report():
        reports.append(clock.now)
        clock.now += cost

    asyncio.run(Trainer(net, task.x, task.t).run(report, limit=10000))
    assert 2 < len(reports) <= 1 + rate * clock.now


def test_a_long_wait_is_not_made_up_for(monkeypatch):
    """A cell that held the loop for a minute does not set off a minute's steps at once."""
    clock = Clock()
    monkeypatch.setattr(_trainer, "perf_counter", clock)
    monkeypatch.setattr(_trainer, "_NAP_S", 0)
    task = dashboard.lesson("spiral")
    trainer = Trainer(Network(2, 3, 3), task.x, task.t)
    trainer.pace = 200

    async def whole():
        training = asyncio.create_task(trainer.run(lambda: None, limit=10**6))
        while trainer.count < 3:
            await asyncio.sleep(0)
        before, clock.now = trainer.count, clock.now + 60
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        trainer.stop()
        await training
        return trainer.count - before

    assert asyncio.run(whole()) <= 2


# ---------------------------------------------------------------- interrupts


def _interrupt_me(*_):
    os.kill(os.getpid(), signal.SIGINT)
    while True:  # what never returns
        pass


@pytest.mark.parametrize("before", [signal.SIG_IGN, signal.default_int_handler])
def test_an_interrupt_ends_what_never_returns(before):
    saved = signal.signal(signal.SIGINT, before)
    try:
        with pytest.raises(Interrupted):
            interruptible(_interrupt_me)
        assert signal.getsignal(signal.SIGINT) is before
    finally:
        signal.signal(signal.SIGINT, saved)


def test_an_interrupt_reaches_the_cell_as_well():
    heard = []
    saved = signal.signal(signal.SIGINT, lambda *_: heard.append("cell"))
    try:
        with pytest.raises(Interrupted):
            interruptible(_interrupt_me)
    finally:
        signal.signal(signal.SIGINT, saved)
    assert heard == ["cell"]


def test_one_call_is_interrupted_once():
    """A second interrupt might come when the guard is being taken down, and end the kernel."""

    def twice():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            os.kill(os.getpid(), signal.SIGINT)
            return "through"

    saved = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert interruptible(twice) == "through"
    finally:
        signal.signal(signal.SIGINT, saved)


def test_what_is_no_interrupt_is_left_alone():
    before = signal.getsignal(signal.SIGINT)
    assert interruptible(max, 3, 4) == 4
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 / 0)
    assert signal.getsignal(signal.SIGINT) is before
    out = []
    thread = threading.Thread(target=lambda: out.append(interruptible(max, 1, 2)))
    thread.start()
    thread.join()
    assert out == [2]


class FromTheCourse:
    """A student's network, which does as the course's does unless a subclass spoils it."""

    def __init__(self, inputs, hidden, classes):
        self.net = Network(inputs, hidden, classes)
        self.params = self.net.params
        self.calls = 0

    def predict(self, x):
        return self.net.predict(x)

    def loss(self, x, t):
        return self.net.loss(x, t)

    def gradient(self, x, t):
        self.calls += 1
        return self.net.gradient(x, t)


def test_an_interrupt_stops_the_training_of_a_network_that_hangs():
    class Hangs(FromTheCourse):
        def gradient(self, x, t):
            if self.calls == 5:
                _interrupt_me()
            return super().gradient(x, t)

    saved = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a kernel between two cells
    try:
        board = run(widgets.training_dashboard(Hangs))
    finally:
        signal.signal(signal.SIGINT, saved)
    assert board.state["say"] == "The kernel was interrupted, so training has stopped."
    assert not board.state["running"]
    assert board.state["step"] == 5


# ---------------------------------------------------------------- a student's network


def test_a_students_network_is_trained_in_place_and_like_the_courses():
    board = run(widgets.training_dashboard(FromTheCourse), steps=300)
    own = run(widgets.training_dashboard(), steps=300)
    assert board._run.net.calls == 300
    assert board._run.history[-1] == own._run.history[-1]


def test_an_object_stays_as_it_is_until_asked():
    net = FromTheCourse(64, 20, 10)
    before = net.params["W1"].copy()
    board = widgets.training_dashboard(net)
    assert board.state["data"] == "digits"
    np.testing.assert_array_equal(net.params["W1"], before)
    board.one_step()
    assert board.state["step"] == 1
    assert not np.array_equal(net.params["W1"], before)
    board.set("data", "moons")
    assert "64 inputs to 10 classes; moons needs 2 and 2" in board.state["say"]
    board.set("data", "digits")
    assert board.state["numbers"].startswith("Step 0: loss")


def test_an_exception_stops_the_training_and_is_shown():
    class Fails(FromTheCourse):
        def gradient(self, x, t):
            if self.calls == 7:
                raise ValueError("operands could not be broadcast")
            return super().gradient(x, t)

    board = run(widgets.training_dashboard(Fails))
    assert not board.state["running"]
    assert board.state["step"] == 7
    assert board.state["say"].startswith(
        "Training has stopped: ValueError: operands could not be broadcast (gradient, line "
    )
    assert 'raise ValueError("operands could not be broadcast")' in board.state["say"]
    board.one_step()
    assert "operands could not be broadcast" in board.state["say"]


def test_a_missing_gradient_is_named():
    class Forgets(FromTheCourse):
        def gradient(self, x, t):
            return {"W1": 0 * self.params["W1"]}

    board = widgets.training_dashboard(Forgets)
    board.one_step()
    assert "KeyError: 'b1'" in board.state["say"]


def test_an_unsolved_network_says_so_and_the_courses_takes_its_place():
    class TwoLayerNet:
        def __init__(self, *sizes):
            raise NotImplementedError()

    board = widgets.training_dashboard(TwoLayerNet)
    expected = "Your network is not written yet (NotImplementedError (__init__, line "
    assert board.state["say"].startswith(expected)
    assert board.state["net"] == "course"
    run(board, steps=200)
    assert board.state["step"] == 200
    board.set("net", "yours")
    assert board.state["say"].startswith(expected)
    assert board.state["net"] == "course"


def test_a_network_that_cannot_be_made_says_why_whatever_is_pressed():
    class TakesTwo:
        def __init__(self, inputs, classes):
            pass

    board = widgets.training_dashboard(TakesTwo)
    excuse = board.state["say"]
    assert excuse.startswith("There is no network to train: TypeError: ")
    heard = []
    board.observe(heard.append, "state")
    for button in (board.start, board.one_step, board.reset):
        button()
        assert board.state["say"] == excuse
    assert len(heard) == 3  # each press is answered, though with the same words
    board.set("net", "course")
    assert board.state["numbers"].startswith("Step 0: loss")


def test_a_loss_that_is_no_number_stops_the_training():
    class Explodes(FromTheCourse):
        def gradient(self, x, t):
            return {name: np.full(array.shape, 1e300) for name, array in self.params.items()}

    board = run(widgets.training_dashboard(Explodes, lr=1e300), steps=10**5)
    assert board.state["say"].startswith("The loss is no longer a number")
    assert board.state["step"] < 10**5


def test_describe_names_the_innermost_line_of_the_student():
    def inner():
        return np.zeros(3) @ np.zeros(4)

    with pytest.raises(ValueError, match="size") as caught:
        inner()
    words = describe(caught.value)
    assert words.startswith("ValueError: matmul: Input operand 1")
    assert "(inner, line " in words
    assert words.endswith("return np.zeros(3) @ np.zeros(4))")


def test_describe_passes_over_the_lines_of_the_course():
    def mine():
        return data.one_hot(np.array([7]), 3)

    with pytest.raises(ValueError, match="label 7") as caught:
        mine()
    assert describe(caught.value).endswith("return data.one_hot(np.array([7]), 3))")


# ---------------------------------------------------------------- buttons and settings


def test_stop_and_start_go_on_where_they_were():
    board = widgets.training_dashboard()

    async def whole():
        board.set("pace", "full")
        board.start()
        await asyncio.sleep(0)
        assert board.running
        board.stop()
        await board.finished()

    asyncio.run(whole())
    stopped = board.state["step"]
    assert stopped > 0
    assert board.state["say"] == "Stopped."
    run(board, steps=10)
    assert board.state["step"] == stopped + 10
    board.reset()
    assert board.state["step"] == 0
    assert len(board._run.history) == 1


def test_one_dashboard_trains_at_a_time():
    first, second = widgets.training_dashboard(), widgets.training_dashboard(steps=20)

    async def whole():
        first.start()
        await asyncio.sleep(0)
        second.start()
        await first.finished()
        await second.finished()

    asyncio.run(whole())
    assert first.state["say"] == "Stopped."
    assert second.state["step"] == 20


def test_a_message_of_another_thread_is_done_where_the_cells_run():
    places = []

    class Notes(FromTheCourse):
        def gradient(self, x, t):
            places.append(threading.current_thread())
            return super().gradient(x, t)

    async def whole():
        board = widgets.training_dashboard(Notes)
        message = (board, {"do": "one_step"}, [])
        thread = threading.Thread(target=board._received, args=message)
        thread.start()
        await asyncio.to_thread(thread.join)
        await asyncio.sleep(0)

    asyncio.run(whole())
    assert places == [threading.main_thread()]


def test_a_change_of_the_learning_rate_counts_at_once():
    board = widgets.training_dashboard()
    board._do({"do": "set", "what": "lr", "value": 0.0})
    before = board._run.net.params["W1"].copy()
    board._do({"do": "one_step"})
    np.testing.assert_array_equal(board._run.net.params["W1"], before)
    assert board.state["lr"] == 0.0


def test_a_reset_keeps_the_knobs():
    board = widgets.training_dashboard()
    assert board._run.trainer.pace == 200
    board.set("pace", "20")
    board.set("lr", 0.25)
    for again in (board.reset, lambda: board.set("data", "moons"), lambda: board.set("init", 1.0)):
        again()
        assert (board._run.trainer.pace, board._run.trainer.lr) == (20, 0.25)


def test_an_unknown_setting_is_refused():
    board = widgets.training_dashboard()
    with pytest.raises(ValueError, match="data cannot be 'rings'"):
        board.set("data", "rings")
    with pytest.raises(ValueError, match="no data 'rings'; there are spiral, moons, digits"):
        widgets.training_dashboard(data="rings")


# ---------------------------------------------------------------- drawings


def test_regions_cover_the_plane_once():
    rng = np.random.default_rng(1)
    n, side = dashboard.CELLS, dashboard.SIDE
    winners = rng.integers(3, size=(n, n))
    winners[10:20] = winners[10]  # rows that share their rectangles
    parts = dashboard.regions(winners.ravel(), 3)
    painted = np.full((n, n), -1)
    for k in range(3):
        for box in re.findall(
            r"M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)H\1Z", parts[f"region{k}"]["d"]
        ):
            left, top, right, bottom = (round(float(v) * n / side) for v in box)
            assert (painted[top:bottom, left:right] == -1).all()
            painted[top:bottom, left:right] = k
    np.testing.assert_array_equal(painted, winners)


def test_a_point_lies_in_the_cell_that_is_asked_for_it():
    task = dashboard.lesson("moons")
    raster = dashboard._raster("moons")
    pixels = dashboard._pixels(task, raster)
    cell = dashboard.SIDE / dashboard.CELLS
    np.testing.assert_allclose(pixels[0], [cell / 2, cell / 2])
    np.testing.assert_allclose(pixels[1] - pixels[0], [cell, 0], atol=1e-9)
    for name in ("spiral", "moons"):
        task = dashboard.lesson(name)
        inside = dashboard._pixels(task, task.x)
        assert inside.min() > 4
        assert inside.max() < dashboard.SIDE - 4


def test_wrong_answers_are_framed_and_corrected():
    parts = dashboard.answers(np.array([3, 4]), np.array([3, 9]))
    assert parts["answer0"]["text"] == "3"
    assert parts["frame0"]["stroke"] == "none"
    assert parts["answer1"]["text"] == "4 ≠ 9"
    assert parts["frame1"]["stroke"] != "none"


def test_long_curves_are_thinned_and_keep_their_ends(monkeypatch):
    monkeypatch.setattr(dashboard.Run, "MOST_POINTS", 20)
    board = widgets.training_dashboard()
    for step in range(1, 101):
        board.one_step()
        assert board._run.history[-1].step == step
    steps = [p.step for p in board._run.history]
    assert len(steps) <= 20
    assert steps[0] == 0
    assert steps[-1] == 100
    assert steps == sorted(set(steps))


def test_the_parts_that_move_are_in_the_drawings():
    for name in dashboard.DATA:
        board = widgets.training_dashboard(data=name)
        markup = board.scene["picture"] + board.scene["curves"]
        drawn = set(re.findall(r'data-part="(\w+)"', markup))
        assert set(board.state["parts"]) == drawn


def test_the_curves_stay_in_their_axes():
    wild = [dashboard.Point(0, 1e9, 0.0, 0.0), dashboard.Point(700, float("nan"), 1.0, 1.0)]
    parts = dashboard.moved(wild)
    assert [parts[f"tick{i}"]["text"] for i in range(3)] == ["0", "500", "1000"]
    for name, box in (("loss", dashboard._LOSS), ("test", dashboard._ACCURACY)):
        for x, y in re.findall(r"([\d.]+) ([\d.]+)", parts[name]["d"]):
            assert box.left <= float(x) <= box.right
            assert box.top <= float(y) <= box.bottom


def test_the_still_picture_is_a_real_run():
    board = widgets.training_dashboard(data="spiral")
    frames = board.strip()
    assert len(frames) == 6
    assert [c.partition(":")[0] for _, c in frames[:5]] == [
        "Step 0", "Step 100", "Step 400", "Step 1000", "Step 3000",
    ]  # fmt: skip
    # The recorded run is the run that a reader gets who presses Start.
    run(board, steps=100)
    assert board.state["numbers"] == board.text().splitlines()[2]
    assert board.still().startswith(b"\x89PNG")


def test_the_printed_equivalent_is_complete():
    lines = widgets.training_dashboard(data="digits").text().splitlines()
    assert lines[0].startswith("A 64-50-10 network learns the data 'digits'")
    assert len(lines) == 6
    for line in lines[1:]:
        assert re.fullmatch(
            r"Step \d+: loss [\d.]+, accuracy [\d.]+ on the training rows, [\d.]+ on the test rows\.",
            line,
        )
