"""The object that a figure returns: it displays itself, and says in words what it shows.

Colours. A picture has no colour of its own for text and lines: it takes the text colour of its
surroundings (JupyterLab's variable, else ``currentColor``). The two colours that carry a meaning are
mixed with that text colour, so they turn darker on white paper and lighter on a dark page, whether
the page follows JupyterLab's theme, ``prefers-color-scheme`` or a rule of its own. Gradients have a
dashed line and an open arrow head besides, for whoever sees the colours alike.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from .._language import _
from ._svg import Canvas, number

PALETTE = {
    "c0": "#1272c4", "c1": "#cc5200", "c2": "#0f8a68", "c3": "#a2559c", "c4": "#8f7400", "c5": "#6b7280",
}  # fmt: skip
"""The colours of curves; the first is also that of values, the second that of gradients."""

_SHARE = 80  # per cent of the palette's colour; the rest is the text colour


def _style() -> str:
    plain = "".join(f"--cf-{k}:{v};" for k, v in PALETTE.items())
    mixed = "".join(
        f"--cf-{k}:color-mix(in srgb,{v} {_SHARE}%,currentColor);" for k, v in PALETTE.items()
    )
    return (
        ".cf{color:var(--jp-ui-font-color1,currentColor);"
        "--cf-paper:var(--jp-layout-color0,transparent);"
        "font-family:var(--jp-ui-font-family,system-ui,-apple-system,'Segoe UI',Helvetica,Arial,"
        f"sans-serif);{plain}"
        "}"
        f"@supports(color:color-mix(in srgb,red,blue)){{.cf{{{mixed}}}}}"
        ".cf text{fill:currentColor;paint-order:stroke;stroke:var(--cf-paper);stroke-width:3px;"
        "stroke-linejoin:round}"
        ".cf text.inside{stroke:none}"
        ".cf .node{fill:currentColor;fill-opacity:.06;stroke:currentColor;stroke-width:1.6}"
        ".cf .faint{fill:none;stroke:currentColor;stroke-opacity:.55;stroke-width:1.4;"
        "stroke-dasharray:2 5;stroke-linecap:round}"
        ".cf .grid{fill:none;stroke:currentColor;stroke-opacity:.18;stroke-width:1}"
        ".cf .axis{fill:none;stroke:currentColor;stroke-opacity:.6;stroke-width:1.2}"
        ".cf .fork{fill:currentColor}"
        ".cf .line,.cf .open{fill:none;stroke-width:1.8;stroke-linecap:round}"
        ".cf .line.v{stroke:var(--cf-c0)}.cf .head.v{fill:var(--cf-c0)}"
        ".cf .line.g{stroke:var(--cf-c1);stroke-dasharray:5 4.5}.cf .open.g{stroke:var(--cf-c1)}"
        ".cf .line.i,.cf .open.i{stroke:currentColor}"
        ".cf text.v{fill:var(--cf-c0)}.cf text.g{fill:var(--cf-c1)}"
        ".cf .bar{fill:none;stroke:currentColor;stroke-width:1.1}"
        ".cf .bar.v{stroke:var(--cf-c0)}.cf .bar.g{stroke:var(--cf-c1)}"
        ".cf text.soft{fill-opacity:.75}.cf text.strong{font-weight:600}"
        ".cf .mi,.cf .mr,.cf .mb{font-family:'STIX Two Text','Times New Roman','Liberation Serif',"
        "Times,serif}"
        ".cf .plot{fill:currentColor}"
        ".cf .mi{font-style:italic}.cf .mb{font-weight:700}"
    )


STYLE = _style()
_serial = itertools.count(1)


@dataclass(frozen=True)
class Panel:
    """One drawing of a picture; a picture with several sets them side by side where there is room.

    Attributes
    ----------
    canvas : Canvas or Element
        What is drawn: a canvas, or a whole ``<svg>`` element with its ``viewBox``.
    title, alt : str
        What it shows, for a reader who cannot see it. Empty: those of the picture.
    """

    canvas: Canvas | Element
    title: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture that displays as HTML with inline SVG, with title, alt text and caption.

    Attributes
    ----------
    title : str
        A few words: what the picture is.
    alt : str
        What it shows, in sentences, for a reader who cannot see it.
    caption : str
        The line below the picture.
    panels : tuple of Panel
    name : str
        The start of the ids in the markup.
    """

    title: str
    alt: str
    caption: str
    panels: tuple[Panel, ...]
    name: str = "picture"

    def __post_init__(self) -> None:
        for what in ("title", "alt", "caption"):
            if not str(getattr(self, what)).strip():
                raise ValueError(f"a picture needs its {what}: some readers have nothing else")

    def __repr__(self) -> str:
        return f"{self.title}\n{self.alt}"

    def element(self) -> Element:
        """Return the ``<figure>``; its ids are new with each call."""
        serial = next(_serial)
        figure = Element("figure", {
            "class": "course-figure",
            "style": "margin:.6em 0;max-width:100%;overflow-x:auto;overflow-y:hidden",
        })  # fmt: skip
        parent = figure
        if len(self.panels) > 1:
            parent = SubElement(figure, "div", {
                "style": "display:flex;flex-wrap:wrap;gap:1em 2.5em;align-items:flex-start",
            })  # fmt: skip
        for i, panel in enumerate(self.panels):
            parent.append(self._svg(panel, f"cf-{self.name}-{serial}-{i}"))
        if self._has_gradients:
            figure.append(_key())
        caption = SubElement(figure, "figcaption", {
            "style": "margin-top:.5em;font-size:.93em;text-align:left;"
            "color:var(--jp-ui-font-color1,inherit)",
        })  # fmt: skip
        caption.text = self.caption
        return figure

    @property
    def _has_gradients(self) -> bool:
        return any(isinstance(p.canvas, Canvas) and p.canvas.gradients for p in self.panels)

    def _svg(self, panel: Panel, prefix: str) -> Element:
        if isinstance(panel.canvas, Element):
            drawing = _with_prefix(panel.canvas, prefix)
            width, height = (float(x) for x in drawing.get("viewBox").split()[2:])
            view, content = drawing.get("viewBox"), list(drawing)
        else:
            box = panel.canvas.extent.grown(4)
            left, top = math.floor(box.left), math.floor(box.top)
            width, height = math.ceil(box.right) - left, math.ceil(box.bottom) - top
            view, content = f"{left} {top} {width} {height}", [panel.canvas.root]
        svg = Element("svg", {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "cf",
            "role": "img",
            "aria-labelledby": f"{prefix}-title {prefix}-desc",
            "viewBox": view,
            "width": number(width),
            "height": number(height),
            # Narrower than this and the letters are too small: then the figure scrolls instead.
            "style": f"display:block;max-width:100%;min-width:{min(width, 0.57 * width):.0f}px;"
            "height:auto;overflow:visible",
        })  # fmt: skip
        title = SubElement(svg, "title", {"id": f"{prefix}-title"})
        title.text = panel.title or self.title
        desc = SubElement(svg, "desc", {"id": f"{prefix}-desc"})
        desc.text = panel.alt or self.alt
        SubElement(svg, "style").text = STYLE
        svg.extend(content)
        return svg

    def _repr_html_(self) -> str:
        return tostring(self.element(), encoding="unicode", short_empty_elements=True)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def write_svg(self, path: str | Path) -> None:
        """Write the picture as a file of its own, for a README or a slide.

        Such a file has no page to take a text colour from: it follows ``prefers-color-scheme``.
        """
        svgs = [self._svg(p, f"cf-{self.name}-{i}") for i, p in enumerate(self.panels)]
        sizes = [tuple(float(x) for x in s.get("viewBox").split()[2:]) for s in svgs]
        gap = 40
        width = sum(w for w, _ in sizes) + gap * (len(sizes) - 1)
        height = max(h for _, h in sizes) + (40 if self._has_gradients else 0)
        root = Element("svg", {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "width": number(width), "height": number(height),
        })  # fmt: skip
        SubElement(
            root, "style"
        ).text = "svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}"
        x = 0.0
        for svg, (w, _h) in zip(svgs, sizes, strict=True):
            svg.set("x", number(x))
            del svg.attrib["style"], svg.attrib["xmlns"]
            root.append(svg)
            x += w + gap
        if self._has_gradients:
            key = _key()
            key.set("y", number(height - 26))
            root.append(key)
        Path(path).write_text(tostring(root, encoding="unicode") + "\n", encoding="utf-8")


def _key() -> Element:
    """Return the key to the two kinds of arrows. The words of a picture say the same: hidden."""
    canvas, x = Canvas(), 0.0
    for word, arrow, way in (
        (_("value, forward"), canvas.forward, 1),
        (_("gradient, backward"), canvas.backward, -1),
    ):
        arrow([(x, 0), (x + 26, 0)][::way])
        x = canvas.label(word, x + 34, 5, "soft", 14, "start").right + 24
    canvas.root.tag = "svg"
    canvas.root.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "cf", "aria-hidden": "true", "viewBox": f"-2 -12 {number(x - 20)} 24",
        "width": number(x - 20), "height": "24",
        "style": "display:block;max-width:100%;height:auto;margin-top:.5em",
    }  # fmt: skip
    return canvas.root


def _with_prefix(drawing: Element, prefix: str) -> Element:
    """Return a copy of a drawing in which every id, and every reference to one, is its own."""
    from copy import deepcopy

    drawing = deepcopy(drawing)
    ids = {e.get("id") for e in drawing.iter() if e.get("id")}
    for e in drawing.iter():
        for key, value in e.attrib.items():
            if key == "id":
                e.set(key, f"{prefix}-{value}")
            elif value.startswith("#") and value[1:] in ids:
                e.set(key, f"#{prefix}-{value[1:]}")
            elif "url(#" in value:
                e.set(key, value.replace("url(#", f"url(#{prefix}-"))
    return drawing


def picture(
    name: str, canvas: Canvas | Sequence[Panel], *, title: str, alt: str, caption: str
) -> Picture:
    """Return a picture of one canvas, or of several panels."""
    panels = (Panel(canvas),) if isinstance(canvas, Canvas) else tuple(canvas)
    return Picture(title, alt, caption, panels, name)
