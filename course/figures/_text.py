"""Text in pictures: words, numbers and small formulas, measured without a browser.

A text is words, with formulas between dollar signs: ``"slope $2t$"``. In a formula

- ``{a|b}`` is a fraction, ``x^2``, ``y_{12}`` are scripts, ``\\X`` is a bold letter;
- one letter alone is a variable (italic), two or more are a name (``exp``, upright).

The picture decides where a text goes, so it must know its size before a browser sees it. The
widths below are those of DejaVu Sans, the widest of the usual fonts for user interfaces, and of
Times, whose widths most serif fonts share: a text may turn out narrower, hardly ever wider.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from ._svg import Box, number

_SANS = {
    0.28: "ijl'′", 0.30: "IJ", 0.33: " ,./:;\\|·-", 0.40: "ft()[]!r²³ᵀ", 0.52: "?*_`szc–∂",
    0.56: "LkvxyTFYγλ", 0.70: "ABCEKPRSVXZ", 0.78: "DGHNOQU&", 0.84: "+=<>−×÷≤≥≠→←w~^#ω",
    0.99: "mMW%@…—",
}  # fmt: skip
_SERIF = {
    0.22: "'′|", 0.28: " ijlt,./:;\\f·", 0.34: "()[]!-`I²³r", 0.40: "sJ^ᵀ", 0.45: "eacvxz?", 0.50: "",
    0.57: "+=<>−×÷≤≥≠~", 0.62: "ELBPFSTYCXZω", 0.70: "AKRVw", 0.74: "DGHNOQUm", 0.88: "MW%@",
    1.00: "…—→←",
}  # fmt: skip
_WIDTH = {
    name: {c: w for w, chars in table.items() for c in chars}
    for name, table in (("sans", _SANS), ("serif", _SERIF))
}
_OTHER = {"sans": 0.64, "serif": 0.53}
_ASCENT, _DESCENT, _AXIS, _SMALL = 0.74, 0.22, 0.27, 0.82
_MATH = 1.12  # a serif letter looks smaller than a sans-serif one of the same size


@dataclass(frozen=True)
class _Run:
    """Some letters of one style; ``level`` is +1 for a superscript, -1 for a subscript."""

    text: str
    style: str = ""
    level: int = 0

    def size(self, size: float) -> float:
        size = size * _MATH if self.style else size
        return size * 0.72 if self.level else size

    def extent(self, size: float) -> tuple[float, float, float]:
        font = _WIDTH["serif" if self.style else "sans"]
        other = _OTHER["serif" if self.style else "sans"]
        own = self.size(size)
        width = own * sum(
            1.0 if ord(c) > 0x2E80 else font.get(c.replace("\u00a0", " "), other) for c in self.text
        )
        shift = self.shift(size)
        tall = 0.08 * own if any(ord(c) > 0x2E80 for c in self.text) else 0.0
        return width, own * _ASCENT + tall + shift, own * _DESCENT + tall / 2 - shift

    def shift(self, size: float) -> float:
        return {1: 0.40, 0: 0.0, -1: -0.20}[self.level] * size * _MATH


@dataclass(frozen=True)
class _Fraction:
    above: _Row
    below: _Row

    def extent(self, size: float) -> tuple[float, float, float]:
        (w1, a1, d1), (w2, a2, d2) = (r.extent(size * _SMALL) for r in (self.above, self.below))
        axis, gap = _AXIS * size, 0.08 * size
        return max(w1, w2) + 0.26 * size, axis + gap + a1 + d1, gap + a2 + d2 - axis


@dataclass(frozen=True)
class _Row:
    items: tuple[_Run | _Fraction, ...]

    def extent(self, size: float) -> tuple[float, float, float]:
        parts = [i.extent(size) for i in self.items]
        return (
            sum(p[0] for p in parts),
            max((p[1] for p in parts), default=_ASCENT * size),
            max((p[2] for p in parts), default=_DESCENT * size),
        )


def _group(text: str, start: int) -> tuple[str, int]:
    """Return what stands in the braces that open at ``start``, and where they end."""
    depth = 0
    for i in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return text[start + 1 : i], i + 1
    raise ValueError(f"a brace stays open in the formula {text!r}")


def _formula(text: str, level: int = 0) -> list[_Run | _Fraction]:
    items: list[_Run | _Fraction] = []
    i = 0
    while i < len(text):
        c = text[i]
        if c == "{":
            inside, i = _group(text, i)
            above, below = inside.split("|")
            items.append(_Fraction(_Row(tuple(_formula(above))), _Row(tuple(_formula(below)))))
        elif c in "^_":
            inside, i = _group(text, i + 1) if text[i + 1] == "{" else (text[i + 1], i + 2)
            items += _formula(inside, 1 if c == "^" else -1)
        elif c == "\\":
            items.append(_Run(text[i + 1], "mb", level))
            i += 2
        else:
            letters = re.compile(r"[A-Za-zα-ω]+|[^A-Za-zα-ω{}^_\\]+").match(text, i)
            word, i = letters[0], letters.end()
            variable = len(word) == 1 and word.isalpha() and word != "σ"
            items.append(_Run(word.replace(" ", "\u00a0"), "mi" if variable else "mr", level))
    return items


def _parse(text: str) -> _Row:
    items: list[_Run | _Fraction] = []
    for i, part in enumerate(text.split("$")):
        if part:
            items += _formula(part) if i % 2 else [_Run(part.replace(" ", "\u00a0"))]
    return _Row(tuple(items))


def extent(text: str, size: float) -> tuple[float, float, float]:
    """Return ``(width, ascent, descent)`` of one line of text."""
    return _parse(text).extent(size)


def block(lines: tuple[str, ...], size: float, gap: float = 3) -> tuple[float, float]:
    """Return ``(width, height)`` of some lines, one above the other."""
    sizes = [extent(line, size) for line in lines]
    height = sum(a + d for _, a, d in sizes) + gap * max(len(sizes) - 1, 0)
    return max((s[0] for s in sizes), default=0.0), height


def draw(
    parent: Element, text: str, x: float, y: float, size: float, style: str, anchor: str = "middle"
) -> Box:
    """Draw one line with its baseline at ``y`` and return the box that it fills."""
    row = _parse(text)
    width, ascent, descent = row.extent(size)
    left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * width
    _draw_row(parent, row, x if _is_plain(row) else left, y, size, style,
              anchor if _is_plain(row) else "start")  # fmt: skip
    return Box(left, y - ascent, left + width, y + descent)


def _is_plain(row: _Row) -> bool:
    return not any(isinstance(i, _Fraction) for i in row.items)


def _draw_row(
    parent: Element, row: _Row, x: float, y: float, size: float, style: str, anchor: str
) -> None:
    # Runs between two fractions share one <text>, so that a browser sets them with its own widths.
    text: Element | None = None
    risen = 0.0
    for item in row.items:
        width = item.extent(size)[0]
        if isinstance(item, _Fraction):
            text, risen = None, 0.0
            middle, bar = x + width / 2, y - _AXIS * size
            small = size * _SMALL
            for part, baseline in (
                (item.above, bar - 0.08 * size - item.above.extent(small)[2]),
                (item.below, bar + 0.08 * size + item.below.extent(small)[1]),
            ):
                _draw_row(parent, part, middle, baseline, small, style, "middle")
            SubElement(parent, "path", {
                "class": f"{style} bar",
                "d": f"M{number(x + 0.07 * size)} {number(bar)}H{number(x + width - 0.07 * size)}",
            })  # fmt: skip
        else:
            if text is None:
                text = SubElement(parent, "text", {
                    "class": style, "x": number(x), "y": number(y), "text-anchor": anchor,
                    "font-size": number(size),
                })  # fmt: skip
            span = SubElement(text, "tspan", {"font-size": number(item.size(size))})
            if item.style:
                span.set("class", item.style)
            if item.shift(size) != risen:
                span.set("dy", number(risen - item.shift(size)))
                risen = item.shift(size)
            span.text = item.text
        x += width
