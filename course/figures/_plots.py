"""Plots by matplotlib that follow the theme of the page, as the drawn pictures do.

matplotlib draws in stand-in colours; in its SVG these become the text colour of the page and the
palette of `_picture`. The import of matplotlib waits until a plot is made.
"""

from __future__ import annotations

import functools
import io
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, fromstring

from .._language import language
from ._picture import PALETTE, Panel, Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INK, _PAPER = "#1a1b1c", "#fdfcfb"
_PIXELS = 96  # in an inch, as CSS has it
_DASHES = ("-", "--", "-.", ":", (0, (6, 2, 1, 2, 1, 2)), (0, (1, 1)))


_CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip


@functools.cache
def _fonts(lang: str) -> dict[str, Any]:
    """Return the fonts by which Chinese letters are measured; the browser sets them in its own.

    matplotlib has no Chinese font of its own. Where the machine has none either, the letters
    stay text in the SVG, and only the room that is kept for them is a guess.
    """
    if lang != "zh":
        return {}
    from matplotlib.font_manager import fontManager

    known = {font.name for font in fontManager.ttflist}
    return {"font.family": ["DejaVu Sans", *[name for name in _CHINESE if name in known][:1]]}


def _settings() -> dict[str, Any]:
    from cycler import cycler

    return {
        **_fonts(language()),
        "axes.edgecolor": _INK, "axes.labelcolor": _INK, "axes.titlecolor": _INK,
        "text.color": _INK, "xtick.color": _INK, "ytick.color": _INK, "grid.color": _INK,
        "axes.facecolor": "none", "figure.facecolor": "none", "legend.facecolor": _PAPER,
        "axes.prop_cycle": cycler(color=list(PALETTE.values())) + cycler(linestyle=list(_DASHES)),
        "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
        "axes.axisbelow": True, "grid.alpha": 0.16, "font.size": 11, "axes.titlesize": 12,
        "svg.fonttype": "none", "svg.hashsalt": "course.figures", "image.interpolation": "none",
    }  # fmt: skip


def subplots(
    width: float = 6.0, height: float = 3.4, nrows: int = 1, ncols: int = 1, **options: Any
) -> tuple[Figure, Any]:
    """Return a matplotlib figure and its axes, to draw on and to hand to `plot`.

    Parameters
    ----------
    width, height : float
        In inches (6 is about as wide as a notebook's text); numbers above 40 are pixels.
    nrows, ncols : int
        How many axes; with more than one, the second value is an array of axes.
    **options
        Passed on to `matplotlib.figure.Figure.subplots`, e.g. ``sharey=True``.
    """
    import matplotlib
    from matplotlib.figure import Figure

    size = [x / _PIXELS if x > 40 else x for x in (width, height)]
    with matplotlib.rc_context(_settings()):
        # Not by pyplot: a figure of pyplot's would be shown a second time when the cell ends.
        fig = Figure(figsize=size, layout="constrained")
        axes = fig.subplots(nrows, ncols, **options)
    return fig, axes


def plot(fig: Figure, *, alt: str, caption: str, title: str = "") -> Picture:
    """Return a matplotlib figure as a picture that follows the light or dark theme of the page.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Best from `subplots`; any other will do, in the colours that it has.
    alt, caption : str
        What the plot shows, in words, and the line below it.
    title : str, optional
        A few words; by default the title written in the figure, else the caption.
    """
    import matplotlib

    for axes in fig.axes:
        legend = axes.get_legend()
        if legend is not None:
            legend.get_frame().set(facecolor=_PAPER, edgecolor="none", alpha=0.8)
    written = fig.get_suptitle() or next((a.get_title() for a in fig.axes if a.get_title()), "")
    title = title or re.sub(r"[$\\{}]", "", written) or caption
    out = io.BytesIO()
    with matplotlib.rc_context(_settings()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")  # the reader's browser has it
        fig.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)
    svg = _adopt(fromstring(out.getvalue()))
    return Picture(title, alt, caption, (Panel(svg),), "plot")


def _adopt(drawing: Element) -> Element:
    """Return matplotlib's SVG without names of its own, in the colours of the page."""
    for parent in list(drawing.iter()):
        parent.tag = parent.tag.rpartition("}")[2]
        for key in [k for k in parent.attrib if k.startswith("{")]:
            parent.set(key.rpartition("}")[2], parent.attrib.pop(key))
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                parent.remove(child)

    used = set(re.findall(r"#([\w.-]+)", " ".join(
        v for e in drawing.iter() for k, v in e.attrib.items() if k == "href" or "url(" in v
    )))  # fmt: skip
    _recolour(drawing, mesh=False)
    for e in drawing.iter():
        if e.get("id") not in used:
            e.attrib.pop("id", None)
        for key in ("d", "x", "y", "transform", "points", "width", "height"):
            if key in e.attrib:
                e.set(key, _shorter(e.get(key)))
        e.text = (e.text or "").strip() if e.tag not in ("text", "tspan") else e.text
        e.tail = None
    root = Element("svg", {"viewBox": _in_pixels(drawing.get("viewBox"))})
    content = SubElement(root, "g", {"class": "plot", "transform": f"scale({_PIXELS / 72:.4f})"})
    content.extend(list(drawing))
    return root


def _in_pixels(view: str) -> str:
    return " ".join(f"{float(x) * _PIXELS / 72:.0f}" for x in view.split())


def _shorter(text: str) -> str:
    text = re.sub(r"-?\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), text)
    return " ".join(text.replace("rotate(-0 ", "rotate(0 ").split())


def _recolour(element: Element, mesh: bool) -> None:
    # The cells of a colour map keep their colours: there black is a value, not ink.
    mesh = mesh or element.get("id", "").startswith("QuadMesh")
    style = element.get("style")
    if style and not mesh:
        style = re.sub(r"font-family: [^;]*;? ?", "", style)
        style = re.sub(rf"{_INK}|#000000", "currentColor", style)
        style = style.replace(_PAPER, "var(--cf-paper)")
        for name, colour in PALETTE.items():
            style = style.replace(colour, f"var(--cf-{name})")
        element.set("style", style.strip("; "))
    if mesh and element.tag == "path" and "fill:" not in (style or ""):
        # Black is what SVG fills with by default, so matplotlib does not write it.
        element.set("style", f"{style or ''}; fill: #000000".strip("; "))
    if element.tag == "image":
        element.set("style", "image-rendering:pixelated")
    for child in element:
        _recolour(child, mesh)
