"""A network to watch while it learns: curves, and what it thinks of a plane or of some digits."""

from __future__ import annotations

import asyncio
import copy
import functools
import itertools
import weakref
from typing import ClassVar, NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import traitlets

from course import data
from course.figures._picture import PALETTE
from course.figures._svg import Box, number

from . import _axes
from ._trainer import Interrupted, Trainer, describe, interruptible
from ._widget import Widget, esm, read
from ._words import _

DATA = ("spiral", "moons", "digits")
INITS = (0.0, 0.01, 0.1, 1.0, 5.0)
PACES = {"20": 20.0, "200": 200.0, "full": None}
HIDDEN = 50

Parts = dict[str, dict[str, str]]
"""What changes in a drawing: ``{data-part: {attribute: value}}``; ``text`` is its content."""

# ---------------------------------------------------------------- what there is to learn


class Lesson(NamedTuple):
    """A data set to train on.

    Attributes
    ----------
    x, t : ndarray
        Training rows and their one-hot targets.
    x_test, labels_test : ndarray
    size : int
        Rows of a mini-batch.
    corner, side : (float, float), float
        The part of the plane that is drawn: its lower left corner, and how far it reaches.
    """

    x: np.ndarray
    t: np.ndarray
    x_test: np.ndarray
    labels_test: np.ndarray
    size: int
    corner: tuple[float, float] = (0.0, 0.0)
    side: float = 1.0

    @property
    def labels(self) -> np.ndarray:
        """The labels of the training rows."""
        return self.t.argmax(axis=1)


@functools.cache
def lesson(name: str) -> Lesson:
    """Return a data set by its name, one of ``DATA``."""
    if name == "digits":
        split = data.digits(one_hot_targets=True)
        return Lesson(split.x_train, split.t_train, split.x_test, split.t_test.argmax(axis=1), 50)
    draw, classes, corner, side = {
        "spiral": (data.spiral, 3, (-1.15, -1.15), 2.3),
        "moons": (data.moons, 2, (-1.4, -1.65), 3.8),
    }[name]
    x, labels = draw()
    x_test, labels_test = draw(n_per_class=50, seed=1)
    return Lesson(x, data.one_hot(labels, classes), x_test, labels_test, 30, corner, side)


# ---------------------------------------------------------------- the drawings

SIDE = 300
CELLS = 56  # of the plane, along each side
_COLOURS = list(PALETTE.values())[:3]
# A region has a hatch besides its tint, a point a shape besides its colour.
_HATCHES = ("", "M0 8L8 0", "M0 4H8")
_serial = itertools.count(1)


def plane(task: Lesson, title: str) -> Element:
    """Return the training rows as points; the parts ``region0`` and on are the classes' regions."""
    svg = _axes.picture(SIDE, SIDE, title)
    defs = SubElement(svg, "defs")
    serial, classes = next(_serial), task.t.shape[1]
    for k in range(classes):
        ident = f"cw-region-{serial}-{k}"
        pattern = SubElement(defs, "pattern", {
            "id": ident, "width": "8", "height": "8", "patternUnits": "userSpaceOnUse",
        })  # fmt: skip
        SubElement(pattern, "rect", {
            "width": "8", "height": "8", "fill": _COLOURS[k], "fill-opacity": "0.2",
        })  # fmt: skip
        if _HATCHES[k]:
            SubElement(pattern, "path", {
                "d": _HATCHES[k], "stroke": _COLOURS[k], "stroke-opacity": "0.5", "fill": "none",
            })  # fmt: skip
        SubElement(svg, "path", {
            "data-part": f"region{k}", "fill": f"url(#{ident})", "shape-rendering": "crispEdges",
        })  # fmt: skip
    for (x, y), k in zip(_pixels(task, task.x), task.labels, strict=True):
        SubElement(svg, "path", {
            "d": _shape(k, x, y), "fill": _COLOURS[k], "stroke": "#ffffff", "stroke-width": "0.8",
        })  # fmt: skip
    SubElement(svg, "rect", {
        "x": "0.5", "y": "0.5", "width": str(SIDE - 1), "height": str(SIDE - 1),
        "fill": "none", "stroke": "currentColor", "stroke-opacity": "0.5",
    })  # fmt: skip
    return svg


def _pixels(task: Lesson, points: np.ndarray) -> np.ndarray:
    scaled = (points - task.corner) / task.side * SIDE
    return np.column_stack([scaled[:, 0], SIDE - scaled[:, 1]])


def _shape(k: int, x: float, y: float) -> str:
    """Return a circle, a triangle or a square."""
    x, y = round(float(x), 1), round(float(y), 1)
    return (
        f"M{x - 3:.1f} {y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0",
        f"M{x} {y - 4:.1f}l4 7h-8z",
        f"M{x - 3:.1f} {y - 3:.1f}h6v6h-6z",
    )[k]


@functools.cache
def _raster(name: str) -> np.ndarray:
    """Return the middles of the cells of the plane, row by row from above."""
    task = lesson(name)
    middles = (np.arange(CELLS) + 0.5) / CELLS * task.side
    columns, rows = np.meshgrid(middles + task.corner[0], middles[::-1] + task.corner[1])
    return np.column_stack([columns.ravel(), rows.ravel()])


def regions(winners: np.ndarray, classes: int) -> Parts:
    """Return the regions of a plane as paths, from the class that wins in each cell, row by row."""
    rows = winners.reshape(CELLS, CELLS)
    paths: list[list[str]] = [[] for _ in range(classes)]
    edges = [round(i * SIDE / CELLS, 1) for i in range(CELLS + 1)]
    # Equal rows share their rectangles: most of a learnt plane is calm.
    top = 0
    for i in range(1, CELLS + 1):
        if i < CELLS and np.array_equal(rows[i], rows[top]):
            continue
        row = rows[top]
        cuts = [0, *(np.flatnonzero(row[1:] != row[:-1]) + 1).tolist(), CELLS]
        for left, right in itertools.pairwise(cuts):
            paths[row[left]].append(
                f"M{edges[left]:g} {edges[top]:g}H{edges[right]:g}V{edges[i]:g}H{edges[left]:g}Z"
            )
        top = i
    return {f"region{k}": {"d": "".join(path)} for k, path in enumerate(paths)}


ACROSS, DOWN = 6, 4
_PIXEL, _WIDE, _HIGH = 5, 49.6, 75


def digit_grid(task: Lesson, title: str) -> Element:
    """Return the first test digits; the parts ``answer0`` and on say what the network reads."""
    svg = _axes.picture(SIDE, DOWN * _HIGH, title)
    for i, image in enumerate(task.x_test[: ACROSS * DOWN].reshape(-1, 8, 8)):
        left, top = round((i % ACROSS) * _WIDE) + 6, (i // ACROSS) * _HIGH + 4
        # Four shades: one path each, instead of a rectangle a pixel.
        shades = np.ceil(image * 4).astype(int)
        for shade in range(1, 5):
            d = "".join(
                f"M{left + c * _PIXEL} {top + r * _PIXEL}h{_PIXEL}v{_PIXEL}h-{_PIXEL}z"
                for r, c in np.argwhere(shades == shade).tolist()
            )
            SubElement(svg, "path", {
                "d": d, "fill": "currentColor", "fill-opacity": number(shade / 4 * 0.9),
                "shape-rendering": "crispEdges",
            })  # fmt: skip
        SubElement(svg, "rect", {
            "data-part": f"frame{i}", "x": str(left - 3), "y": str(top - 3), "rx": "3",
            "width": "46", "height": "46", "fill": "none", "stroke": "none",
            "stroke-width": "1.8", "stroke-dasharray": "5 3",
        })  # fmt: skip
        _axes.text(svg, "", left + 20, top + 58, "ink", size=12).set("data-part", f"answer{i}")
    return svg


def answers(winners: np.ndarray, labels: np.ndarray) -> Parts:
    """Return what the network reads in each digit; a wrong answer is framed and corrected."""
    parts: Parts = {}
    for i, (got, right) in enumerate(zip(winners.tolist(), labels.tolist(), strict=True)):
        wrong = got != right
        parts[f"answer{i}"] = {"text": f"{got} ≠ {right}" if wrong else str(got)}
        parts[f"frame{i}"] = {"stroke": PALETTE["c1"] if wrong else "none"}
    return parts


_LOSS, _ACCURACY = Box(50, 28, 292, 128), Box(50, 172, 292, 262)
_LOSS_SCALE = _axes.Scale(1e-3, 30.0, _LOSS.bottom, _LOSS.top, log=True)
_ACCURACY_SCALE = _axes.Scale(0.0, 1.0, _ACCURACY.bottom, _ACCURACY.top)


def curves(title: str) -> Element:
    """Return empty plots of the loss and the two accuracies against the step."""
    svg = _axes.picture(316, SIDE, title)
    thirds = [_LOSS.left, (_LOSS.left + _LOSS.right) / 2, _LOSS.right]
    blank = [(at, "") for at in thirds]
    powers = [(_LOSS_SCALE(v), f"{v:g}") for v in (0.001, 0.01, 0.1, 1, 10)]
    _axes.draw(svg, _LOSS, blank, powers, _("loss, training rows"))
    shares = [(_ACCURACY_SCALE(v), f"{v:g}") for v in (0, 0.5, 1)]
    labels = _axes.draw(svg, _ACCURACY, blank, shares, _("accuracy"), _("step"))
    for i, label in enumerate(labels):
        label.set("data-part", f"tick{i}")
    y = _ACCURACY.top - 13
    for at, words, name, dash in (
        (92, _("training rows"), "c0", ""),
        (206, _("test rows"), "c1", "5 4"),
    ):
        _curve(svg, f"M{at} {y}h22", name, dash)
        _axes.text(svg, words, at + 27, y + 4, "ink", "start", 12.5)
    _curve(svg, "", "c0").set("data-part", "loss")
    _curve(svg, "", "c0").set("data-part", "training")
    _curve(svg, "", "c1", "5 4").set("data-part", "test")
    return svg


def _curve(parent: Element, d: str, colour: str, dash: str = "") -> Element:
    attributes = {
        "d": d, "fill": "none", "stroke": PALETTE[colour], "stroke-width": "2",
        "stroke-linejoin": "round",
    }  # fmt: skip
    if dash:
        attributes["stroke-dasharray"] = dash
    return SubElement(parent, "path", attributes)


class Point(NamedTuple):
    """One point of the curves."""

    step: int
    loss: float
    training: float
    test: float


def moved(history: list[Point]) -> Parts:
    """Return the curves through the points, and the ticks of the steps."""
    last = max(history[-1].step, 50)
    end = next(m * 10**p for p in range(1, 9) for m in (1, 2, 5) if m * 10**p >= last)
    x = _axes.Scale(0, end, _LOSS.left, _LOSS.right)
    parts: Parts = {f"tick{i}": {"text": f"{v:g}"} for i, v in enumerate((0, end / 2, end))}
    for name, y in (
        ("loss", _LOSS_SCALE), ("training", _ACCURACY_SCALE), ("test", _ACCURACY_SCALE),
    ):  # fmt: skip
        points = [(x(p.step), y(getattr(p, name))) for p in history]
        if len(points) == 1:  # a line of no length is not drawn
            points.append((points[0][0] + 5, points[0][1]))
        parts[name] = {"d": _axes.path(points)}
    return parts


def with_parts(drawing: Element, parts: Parts) -> Element:
    """Return a copy of a drawing with its parts moved, as the browser does it."""
    drawing = copy.deepcopy(drawing)
    for element in drawing.iter():
        for name, value in parts.get(element.get("data-part", ""), {}).items():
            if name == "text":
                element.text = value
            else:
                element.set(name, value)
    return drawing


# ---------------------------------------------------------------- a run


class Run:
    """A network, its lesson, and the curves so far."""

    MOST_POINTS = 240

    def __init__(self, net, name: str, lr: float):
        self.name, self.lesson = name, lesson(name)
        self.trainer = Trainer(net, self.lesson.x, self.lesson.t, self.lesson.size, lr)
        self.history: list[Point] = []
        # Enough rows for a smooth curve; all of the digits would slow the training down.
        self._rows = slice(500)

    @property
    def net(self):
        """The network in training."""
        return self.trainer.net

    def start_again(self, scale: float) -> None:
        """Draw the weights anew, in place, and forget the curves; every network draws the same."""
        rng = np.random.default_rng(0)
        for name in ("W1", "b1", "W2", "b2"):
            array = self.net.params[name]
            array[...] = scale * rng.standard_normal(array.shape) if name[0] == "W" else 0.0
        task, before = self.lesson, self.trainer
        self.trainer = Trainer(self.net, task.x, task.t, task.size, before.lr)
        self.trainer.pace = before.pace
        self.history = []

    def look(self) -> tuple[Point, Parts]:
        """Measure, add a point to the curves, and return it with all that moves in the drawings."""
        task, rows = self.lesson, self._rows
        with np.errstate(all="ignore"):
            scores_test = np.asarray(self.net.predict(task.x_test))
            hits = np.asarray(self.net.predict(task.x[rows])).argmax(axis=1) == task.labels[rows]
            point = Point(
                self.trainer.count,
                float(self.net.loss(task.x[rows], task.t[rows])),
                float(np.mean(hits)),
                float(np.mean(scores_test.argmax(axis=1) == task.labels_test)),
            )
            if self.name == "digits":
                shown = ACROSS * DOWN
                parts = answers(scores_test[:shown].argmax(axis=1), task.labels_test[:shown])
            else:
                winners = np.asarray(self.net.predict(_raster(self.name))).argmax(axis=1)
                parts = regions(winners, task.t.shape[1])
        if self.history and self.history[-1].step == point.step:
            self.history.pop()
        self.history.append(point)
        if len(self.history) > self.MOST_POINTS:
            self.history[1:-1] = self.history[2:-1:2]
        return point, parts | moved(self.history)


def course_network(name: str):
    """Return the course's own network for a lesson."""
    from course._engine.network import Network

    task = lesson(name)
    return Network(task.x.shape[1], HIDDEN, task.t.shape[1])


def recorded(name: str, lr: float, scale: float) -> tuple[tuple[Point, Parts], ...]:
    """Return some moments of a real run of the course's network, for the still picture."""
    run = Run(course_network(name), name, lr)
    run.start_again(scale)
    moments = []
    shown = (0, 20, 100, 400, 1000) if name == "digits" else (0, 100, 400, 1000, 3000)
    for step in range(shown[-1] + 1):
        if step in shown or step % 50 == 0:
            point_and_parts = run.look()
            if step in shown:
                moments.append(point_and_parts)
        run.trainer.steps(1, float("inf"))
    return tuple(moments)


# ---------------------------------------------------------------- the widget


class TrainingDashboard(Widget):
    """A network that learns while one watches, and turns the knobs.

    Training runs in slices on the event loop of the kernel, so that cells, sliders and an
    interrupt get through; see `course.widgets._trainer`. One dashboard trains at a time.

    Parameters
    ----------
    net : object or callable, optional
        The network to train: an object with ``params``, ``predict(x)``, ``loss(x, t)`` and
        ``gradient(x, t)``, or what makes one out of ``(inputs, hidden, classes)``, such as the
        class `TwoLayerNet` of unit 06. It is trained in place. The course's own by default.
    data : str, optional
        ``"spiral"``, ``"moons"`` or ``"digits"``; by default what the network fits, else the spiral.
    lr : float
        The learning rate to begin with.
    init : float
        The standard deviation of the first weights; 0 for zeros.
    steps : int
        After so many steps Start is to be pressed again: nothing runs for ever behind a page.
    """

    WORDS = {  # noqa: RUF012
        "start": _("Start"),
        "stop": _("Stop"),
        "one_step": _("One step"),
        "reset": _("Reset"),
        "data": _("Data"),
        "spiral": _("spiral"),
        "moons": _("moons"),
        "digits": _("digits"),
        "lr": _("Learning rate"),
        "init": _("First weights: standard deviation"),
        "zeros": _("0 (zeros)"),
        "pace": _("Steps a second"),
        "full": _("as fast as it goes"),
        "net": _("Network"),
        "yours": _("yours"),
        "course": _("the course's"),
        "asked": _("Asked the kernel. If nothing moves, a cell is running: training waits for it."),
        "stage": _("The network's answers, and the curves"),
        "lr_now": _("The learning rate is {lr} from the next step on."),
    }
    _esm = esm("training_dashboard.mjs")
    _css = Widget._css + read("training_dashboard.css")

    scene = traitlets.Dict().tag(sync=True)
    """The still parts of the drawings, as markup: new with new data."""
    state = traitlets.Dict().tag(sync=True)
    """What changed since: ``parts``, ``numbers``, ``say``, ``running``, and the settings."""

    _all: ClassVar[weakref.WeakSet[TrainingDashboard]] = weakref.WeakSet()
    _still_lr, _still_init = 0.5, 0.1

    def __init__(
        self,
        net=None,
        data: str | None = None,
        lr: float = 0.5,
        init: float = 0.1,
        steps: int = 5000,
    ):
        self._given = net
        if data is None:
            data = "spiral" if net is None or isinstance(net, type) else _fitting(net)
        if data not in DATA:
            raise ValueError(f"no data {data!r}; there are {', '.join(DATA)}")
        self._settings = {
            "data": data, "lr": lr, "init": init, "pace": "200",
            "net": "course" if net is None else "yours",
        }  # fmt: skip
        self.steps = steps
        self._counter = itertools.count()
        self._task: asyncio.Task | None = None
        self._choices = ("yours", "course") if net is not None else ("course",)
        super().__init__(title=_("A network that learns while you watch"))
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        for other in list(self._all):
            other.stop()
        self._all.add(self)
        # An object that was given stays as it is until it is asked to learn or to start again.
        self._build(fresh=net is None or _makes_networks(net))
        self.on_msg(self._received)

    # ---- what the buttons do

    def start(self) -> None:
        """Train until `stop`, in the background of the kernel. Needs its event loop."""
        if self.running or self._nothing_to_train():
            return
        for other in list(self._all):
            if other is not self:
                other.stop()
        self._task = asyncio.get_running_loop().create_task(self._train())

    def stop(self) -> None:
        """Let the training end after its present slice."""
        if self._run is not None:
            self._run.trainer.stop()

    def one_step(self) -> None:
        """Train for one step, if it is not training anyway."""
        if self.running or self._nothing_to_train():
            return

        def step_and_show() -> None:
            self._run.trainer.steps(1, float("inf"))
            self._show()

        try:
            interruptible(step_and_show)
        except Exception as error:
            self._publish(say=self._excuse(error), running=False)

    def reset(self) -> None:
        """Draw the weights anew, all networks the same ones, and forget the curves."""
        self.stop()
        self._task = None  # it ends by itself, and nobody waits for it
        self._build(fresh=True)

    def set(self, what: str, value) -> None:
        """Change a setting: ``data``, ``lr``, ``init``, ``pace`` or ``net``."""
        if what == "lr":
            value = float(value)
        elif what == "init":
            value = max(0.0, float(value))
        elif value not in {"data": DATA, "pace": PACES, "net": self._choices}[what]:
            raise ValueError(f"{what} cannot be {value!r}")
        self._settings[what] = value
        if what in ("lr", "pace"):
            if self._run is not None:
                self._run.trainer.lr = self._settings["lr"]
                self._run.trainer.pace = PACES[self._settings["pace"]]
        else:
            self.reset()

    @property
    def running(self) -> bool:
        """Whether it is training now."""
        return self._task is not None and not self._task.done()

    async def finished(self) -> None:
        """Wait until the training has come to its end."""
        if self._task is not None:
            await self._task

    # ---- behind them

    def _received(self, _widget, message: dict, _buffers) -> None:
        # In some kernels messages of widgets come on a thread of their own. The network belongs to
        # the thread that runs the cells.
        loop = self._loop or asyncio.get_running_loop()
        loop.call_soon_threadsafe(self._do, message)

    def _do(self, message: dict) -> None:
        action = message.get("do")
        if action == "set":
            self.set(message["what"], message["value"])
        elif action in ("start", "stop", "one_step", "reset"):
            getattr(self, action)()

    def _build(self, fresh: bool) -> None:
        """Make the network and its drawings for the present settings, and show them."""
        name = self._settings["data"]
        title = {
            "spiral": _("Points of three classes on a spiral, and the regions of the network"),
            "moons": _("Points of two classes, two moons, and the regions of the network"),
            "digits": _("Digits that are not trained on, and what the network reads"),
        }[name]
        task = lesson(name)
        picture = digit_grid(task, title) if name == "digits" else plane(task, title)
        self.scene = {
            "picture": tostring(picture, encoding="unicode"),
            "curves": tostring(
                curves(_("Loss and accuracies against the step")), encoding="unicode"
            ),
        }

        def make() -> Run:
            net = self._network(name)
            run = Run(net, name, self._settings["lr"])
            run.trainer.pace = PACES[self._settings["pace"]]
            if fresh:
                run.start_again(self._settings["init"])
            run.look()  # does it fit the data?
            return run

        say, self._run = "", None
        try:
            self._run = interruptible(make)
        except NotImplementedError as error:  # an exercise that is not solved yet
            say = _(
                "Your network is not written yet ({error}). Until then, here is the course's."
            ).format(error=describe(error))
            self._settings["net"] = "course"
            self._run = make()
        except Interrupted as error:
            say = self._excuse(error)
        except Exception as error:
            say = _("There is no network to train: {error}").format(error=describe(error))
        if self._run is not None:
            self._show(say)
        else:
            self._publish(say=say, running=False)

    def _network(self, name: str):
        if self._settings["net"] == "course":
            return course_network(name)
        if _makes_networks(self._given):
            task = lesson(name)
            return self._given(task.x.shape[1], HIDDEN, task.t.shape[1])
        wanted = lesson(name).x.shape[1], lesson(name).t.shape[1]
        W1, W2 = self._given.params["W1"], self._given.params["W2"]
        if (W1.shape[0], W2.shape[1]) != wanted:
            raise ValueError(
                f"your network goes from {W1.shape[0]} inputs to {W2.shape[1]} classes; "
                f"{name} needs {wanted[0]} and {wanted[1]}"
            )
        return self._given

    def _nothing_to_train(self) -> bool:
        """Say whether no network could be made; then the status line says again why."""
        if self._run is None:
            self._publish(say=self.state["say"], running=False)
        return self._run is None

    async def _train(self) -> None:
        run = self._run
        say = ""
        try:
            limit = run.trainer.count + self.steps
            await run.trainer.run(self._report, limit)
            if not np.isfinite(run.history[-1].loss):
                say = self._excuse(FloatingPointError())
            elif run.trainer.count >= limit:
                say = _("{steps} more steps are done. Start goes on.").format(steps=self.steps)
            else:
                say = _("Stopped.")
        except Exception as error:
            say = self._excuse(error)
        if self._run is run:  # else the knobs were turned, and there is something new to look at
            self._end(say)

    def _end(self, say: str) -> None:
        try:
            self._show(say, running=False)
        except Exception as error:
            self._publish(say=self._excuse(error), running=False)

    def _report(self) -> None:
        self._show(running=True)
        if not np.isfinite(self._run.history[-1].loss):
            self.stop()

    def _excuse(self, error: Exception) -> str:
        if isinstance(error, Interrupted):
            return _("The kernel was interrupted, so training has stopped.")
        if isinstance(error, FloatingPointError):
            return _(
                "The loss is no longer a number: the steps were too large. "
                "Take a smaller learning rate and press Reset."
            )
        return _("Training has stopped: {error}").format(error=describe(error))

    def _show(self, say: str = "", running: bool = False) -> None:
        point, parts = self._run.look()
        numbers = numbers_of(point)
        self._publish(parts=parts, numbers=numbers, say=say, running=running, step=point.step)

    def _publish(self, **state) -> None:
        # The count makes every answer a new one, so that the browser hears of it: Reset twice, say.
        self.state = {
            "parts": {}, "numbers": "", "step": 0, "choices": list(self._choices),
            "count": next(self._counter), **self._settings, **state,
        }  # fmt: skip

    # ---- without a kernel

    @functools.cached_property
    def _recorded(self) -> tuple[str, tuple[tuple[Point, Parts], ...]]:
        # A run that goes well, whatever has been tried with the knobs.
        name = self._settings["data"]
        return name, recorded(name, self._still_lr, self._still_init)

    def strip(self) -> list[tuple[Element, str]]:
        name, moments = self._recorded
        picture = digit_grid if name == "digits" else plane
        frames = [
            (
                with_parts(picture(lesson(name), _("step {step}").format(step=p.step)), parts),
                _("Step {step}: loss {loss}, accuracy {accuracy}").format(
                    step=p.step, loss=f"{p.loss:.2g}", accuracy=f"{p.training:.2f}"
                ),
            )
            for p, parts in moments
        ]
        frames.append((with_parts(curves(""), moments[-1][1]), _("Loss and accuracies")))
        return frames

    def text(self) -> str:
        name, moments = self._recorded
        lines = [
            _(
                "A {inputs}-{hidden}-{classes} network learns the data '{data}' with learning rate {lr}, "
                "from weights of standard deviation {init}."
            ).format(
                inputs=lesson(name).x.shape[1],
                hidden=HIDDEN,
                classes=lesson(name).t.shape[1],
                data=self.words[name],
                lr=f"{self._still_lr:g}",
                init=f"{self._still_init:g}",
            )
        ]
        return "\n".join(lines + [numbers_of(p) for p, _parts in moments])


def numbers_of(point: Point) -> str:
    """Return a point of the curves in words."""
    return _(
        "Step {step}: loss {loss}, accuracy {training} on the training rows, {test} on the test rows."
    ).format(
        step=point.step,
        loss=f"{point.loss:.3g}",
        training=f"{point.training:.2f}",
        test=f"{point.test:.2f}",
    )


def _makes_networks(net) -> bool:
    return callable(net) and not hasattr(net, "params")


def _fitting(net) -> str:
    """Return the data whose sizes a network has; the spiral if there are none."""
    try:
        sizes = (net.params["W1"].shape[0], net.params["W2"].shape[1])
    except (AttributeError, KeyError, IndexError):
        return "spiral"
    found = [n for n in DATA if (lesson(n).x.shape[1], lesson(n).t.shape[1]) == sizes]
    return found[0] if found else "spiral"


def training_dashboard(
    net=None, data: str | None = None, lr: float = 0.5, init: float = 0.1, steps: int = 5000
) -> TrainingDashboard:
    """Return a dashboard; the parameters are those of `TrainingDashboard`.

    >>> training_dashboard(data="digits").title
    'A network that learns while you watch'
    """
    return TrainingDashboard(net, data, lr, init, steps)
