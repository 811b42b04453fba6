"""What the widgets of the chain rule share: numbers and equations as they are written out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from ..figures._picture import picture
from ..figures._svg import Canvas
from ..graph import Graph

OPS = Path(__file__).with_name("ops.mjs").read_text("utf-8") + "\n"
"""The browser's side of `course._engine.graphs.OPS`; stands before a widget's module."""
FULL_WIDTH = "，。：；？！"


def is_constant(name: str) -> bool:
    """Say whether an input is a number that is its own name, such as ``"3"`` or ``"-1"``."""
    try:
        return math.isfinite(float(name))
    except ValueError:
        return False


def with_constants(graph: Graph, inputs: Mapping[str, float]) -> dict[str, float]:
    """Return the values of all inputs of ``graph``, of those that are numbers too."""
    constants = {leaf: float(leaf) for leaf in graph.leaves if is_constant(leaf)}
    return constants | {name: float(value) for name, value in inputs.items()}


def slider(name: str, value: float) -> dict[str, float | str]:
    """Return the reach and the step of a slider for an input that starts at ``value``."""
    reach = 5.0 if abs(value) <= 5 else 2.0 * abs(value)
    step = 0.1 if reach == 5.0 else 10.0 ** math.floor(math.log10(reach) - 1)
    return {"name": name, "min": -reach, "max": reach, "step": step}


def digits(x: float) -> str:
    """Return a number with six significant digits, never with an exponent.

    Six, so that 10.0001 can be told from 10: how a ratio comes close is the point.

    >>> digits(10.000100000003), digits(0.009999999999999787), digits(-1e-5), digits(1 / 3)
    ('10.0001', '0.01', '−0.00001', '0.333333')
    """
    if abs(x) < 1e-9:
        return "0"
    text = f"{x:.6g}"
    if "e" in text:
        text = f"{float(text):.12f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")


def bracketed(text: str) -> str:
    """Return a number, as it is written, as it stands behind a sign: a negative one in brackets."""
    return f"({text})" if text.startswith("−") else text


def product(factors: Iterable[float]) -> str:
    """Return factors as a product, ``"5 × (−1)"``."""
    return " × ".join(bracketed(digits(x)) for x in factors)


def function(op: str, inputs: Iterable[str]) -> str:
    """Return what a node does to its inputs, by their names: ``"x + y"`` or ``"square(t)"``."""
    names = [i.replace("-", "−") for i in inputs]
    if len(names) == 1:
        return f"{op}({names[0]})"
    sign = {"*": "×", "-": "−"}.get(op, op)
    return f" {sign} ".join(names)


def sentences(*texts: str) -> str:
    """Return sentences one behind the other; a full-width stop has its blank in it.

    >>> sentences("One.", "Two."), sentences("一。", "二。")
    ('One. Two.', '一。二。')
    """
    text = texts[0]
    for following in texts[1:]:
        text += ("" if text[-1] in FULL_WIDTH else " ") + following
    return text


def drawing(canvas: Canvas, title: str, alt: str) -> Element:
    """Return the ``<svg>`` of a canvas, with its title and its description."""
    figure = picture("widget", canvas, title=title, alt=alt, caption=title)
    return figure.element().find("svg")


def unlabelled(svg: Element) -> str:
    """Return the bare markup of a drawing: the browser has the style, and labels it itself."""
    for child in [e for e in svg if e.tag in ("title", "desc", "style")]:
        svg.remove(child)
    del svg.attrib["aria-labelledby"]
    return tostring(svg, encoding="unicode")
