"""Three scores: their softmax, the loss of a target, and the gradient that comes back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

import traitlets

from course.figures._any_graph import shown
from course.figures._svg import Box, Canvas, number

from ._chain import drawing
from ._widget import Widget, esm, read
from ._words import _

START = (2.0, 1.0, 0.0)
TARGET = 1
SURE = (4.0, 0.0, 0.0)  # of a class that is not the true one
SCORES = {"min": -6.0, "max": 6.0, "step": 0.1}
SHIFT = {"min": -100.0, "max": 100.0, "step": 1.0}

WORDS = {
    "title": _("Logit explorer: one row of scores, its softmax and its loss"),
    "class": _("class"),
    "scores": _("z"),
    "shares": _("softmax y"),
    "tick": _("tick: t"),
    "gradient": _("y − t"),
    "score": _("score of class {k}"),
    "shift": _("added to all three"),
    "target": _("True class"),
    "forms": _("Target t: as a label {label}, as a one-hot row {row}."),
    "loss": _("The true class got {p}, so loss = −ln {p} = {loss}."),
    "says": _(
        "Scores z = {z} give y = {y}. Class {label} is true: the loss is {loss}, and dL/dz = y − t = "
        "{g}."
    ),
    "shifted": _("{shift} was added to all three scores: y, the loss and y − t stay as they were."),
    "step": _("Step downhill"),
    "step_says": _(
        "Each score moved by minus its y − t, and the loss went from {before} to {after}."
    ),
    "again": _("Start again"),
    "chart": _("For each class its score z, its share y, its target t and y − t. {says}"),
    "picture": _("Picture"),
}


def _say(key: str, **values: object) -> str:
    """Return one of `WORDS` in the reader's language, its gaps filled."""
    return _(WORDS[key]).format(**values)


def row(z: Sequence[float], target: int) -> dict[str, Any]:
    """Return the shares of one row of scores, its loss, and dL/dz.

    >>> row([0.0, math.log(2), math.log(5)], 2)["gradient"]
    [0.125, 0.25, -0.375]
    """
    top = max(z)
    powers = [math.exp(score - top) for score in z]
    whole = math.fsum(powers)
    y = [round(power / whole, 12) for power in powers]
    t = [int(k == target) for k in range(len(z))]
    return {
        "y": y,
        "loss": math.log(whole) + top - z[target],
        "t": t,
        "gradient": [share - one for share, one in zip(y, t, strict=True)],
    }


def _listed(numbers: Sequence[float], digits: int = 3) -> str:
    return "(" + ", ".join(shown(round(n, digits)) for n in numbers) + ")"


def sentence(z: Sequence[float], target: int) -> str:
    """Return in words what the widget shows for these scores and this target."""
    now = row(z, target)
    return _say(
        "says",
        z=_listed(z),
        y=_listed(now["y"]),
        label=target,
        loss=shown(round(now["loss"], 3)),
        g=_listed(now["gradient"]),
    )


class LogitExplorer(Widget):
    """Sliders for three scores, and what follows from them; see `logit_explorer`."""

    WORDS = WORDS
    _esm = esm("logit_explorer.mjs")
    _css = Widget._css + read("logit_explorer.css")

    start = traitlets.List().tag(sync=True)
    target = traitlets.Int().tag(sync=True)
    limits = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        super().__init__(
            title=_say("title"),
            start=list(START),
            target=TARGET,
            limits={"score": SCORES, "shift": SHIFT},
        )

    def strip(self) -> list[tuple[Element | str, str]]:
        """Return the pictures that stand in for the widget, with their captions."""
        frames: list[tuple[Element | str, str]] = []
        for z, target in ((START, 1), (START, 0), (SURE, 1)):
            caption = sentence(z, target)
            frames.append((drawing(_bars(z, target), _say("title"), caption), caption))
        return frames

    def text(self) -> str:
        """Return in words what the widget lets one find out."""
        lifted = [score + 100 for score in START]
        return "\n".join([
            sentence(START, TARGET),
            _say("forms", row=_listed(row(START, TARGET)["t"]), label=TARGET),
            sentence(lifted, TARGET),
            _say("shifted", shift=100),
            sentence(SURE, TARGET),
        ])  # fmt: skip


def logit_explorer() -> LogitExplorer:
    """Return a widget that shows softmax, loss and gradient of three scores."""
    return LogitExplorer()


def _bars(z: Sequence[float], target: int) -> Canvas:
    """Return a line for each class: score, share with its target as a tick, and y - t."""
    canvas, now = Canvas(), row(z, target)
    canvas.label(_say("class"), 0, -8, "ink strong", 14, "start")
    canvas.label(_say("scores"), 110, -8, "ink strong", 14, "end")
    canvas.label(_say("shares"), 130, -8, "v strong", 14, "start")
    canvas.label(_say("gradient"), 360, -8, "g strong", 14)
    for k, score in enumerate(z):
        y, share, slope = 34 * k + 8, now["y"][k], now["gradient"][k]
        canvas.label(str(k), 2, y + 17, "ink", 14, "start")
        canvas.label(shown(score), 110, y + 17, "ink", 14, "end")
        _bar(canvas, 130, 130 + 110 * share, y, "v")
        tick = 130 + 110 * now["t"][k]
        canvas.path(f"M{tick} {y - 3}v30", "line i")
        canvas.label(shown(round(share, 3)), 292, y + 17, "v", 14, "end")
        canvas.path(f"M360 {y - 3}v30", "axis")
        _bar(canvas, 360, 360 + 55 * slope, y, "g")
        canvas.label(shown(round(slope, 3)), 474, y + 17, "g", 14, "end")
    canvas.label(_say("tick"), 130, 34 * len(z) + 22, "soft", 13, "start")
    canvas.inked.append(Box(0, -10, 474, 34 * len(z)))
    return canvas


def _bar(canvas: Canvas, start: float, end: float, y: float, style: str) -> None:
    canvas.path(f"M{number(start)} {y}H{number(end)}v24H{number(start)}Z", f"line {style}")
