"""Several small pictures with captions become one PNG, without a browser."""

from __future__ import annotations

import functools
import io
import math
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from course.figures import _text
from course.figures._picture import _SHARE, PALETTE, STYLE
from course.figures._svg import number

WIDTH = 1000
ZOOM = 2
INK = "#1f2328"
_GAP, _SIZE = 24, 15
_HAN = "[⺀-￯]"  # what a Latin font has no signs for
_PIECES = (
    rf"(?:{_HAN}|[^\s⺀-￯]+)[，。、；：！？）》”’…]*\s*|\s+"  # no line begins with a full stop
)
_CHINESE = (
    "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "SimHei",
)  # fmt: skip
_LEAST = 0.65  # a picture may shrink to this, so that more of them stand side by side


def png(frames: Sequence[tuple[Element | str, str]]) -> bytes:
    """Return the frames side by side, as many in a row as fit, numbered, on white.

    Parameters
    ----------
    frames : sequence of (Element or str, str)
        SVG with a ``viewBox`` and the words below it.

    Raises
    ------
    NoFont
        If they hold Chinese and this machine has no font for it.
    """
    import resvg_py

    markup = tostring(_sheet(frames), encoding="unicode")
    return _fewer_colours(
        resvg_py.svg_to_bytes(
            svg_string=markup,
            background="white",
            zoom=ZOOM,
            skip_system_fonts=True,
            font_files=[*_fonts(), *_chinese_font(markup)],
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
            serif_family="STIXGeneral",
        )
    )


def _fewer_colours(png: bytes) -> bytes:
    """Return the picture with a palette: less than half the bytes for a notebook to carry."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    small = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


def width_of(png: bytes) -> int:
    """Return the width of a PNG in pixels, as its header says."""
    return struct.unpack(">I", png[16:20])[0]


def _sheet(frames: Sequence[tuple[Element | str, str]]) -> Element:
    drawings = [_drawing(d) for d, _ in frames]
    widest = max(size[0] for _, size in drawings)

    def cell(columns: int) -> float:
        return (WIDTH - _GAP * (columns + 1)) / columns

    columns = max(
        [c for c in range(2, min(len(frames), 4) + 1) if cell(c) >= _LEAST * widest], default=1
    )
    # Two rows of three rather than one of four and one of two.
    columns = math.ceil(len(frames) / math.ceil(len(frames) / columns))
    wide = cell(columns)
    scale = min(1.0, wide / widest)
    wide = max(widest * scale, min(wide, 260))
    sheet = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "cf"})
    chinese = any(
        re.search(_HAN, "".join([c, *d.itertext()]))
        for (d, _), (_, c) in zip(drawings, frames, strict=True)
    )
    families = ",".join(
        f"'{f}'" for f in ((*_CHINESE, "DejaVu Sans") if chinese else ("DejaVu Sans",))
    )
    SubElement(sheet, "style").text = f".cf{{font-family:{families}}}{flat_style()}"
    y = float(_GAP)
    for start in range(0, len(frames), columns):
        tallest = max(size[1] for _, size in drawings[start : start + columns]) * scale
        below = 0.0
        for i, ((drawing, (w, h)), (_, caption)) in enumerate(
            zip(drawings[start : start + columns], frames[start : start + columns], strict=True)
        ):
            x = _GAP + i * (wide + _GAP)
            drawing.attrib |= {
                "x": number(x + (wide - w * scale) / 2), "y": number(y + (tallest - h * scale) / 2),
                "width": number(w * scale), "height": number(h * scale),
            }  # fmt: skip
            sheet.append(drawing)
            words = f"{start + i + 1}. {caption}" if len(frames) > 1 else caption
            lines = wrapped(words, wide, _SIZE)
            for n, line in enumerate(lines):
                _text.draw(
                    sheet, line, x, y + tallest + (n + 1) * 1.3 * _SIZE, _SIZE, "ink", "start"
                )
            below = max(below, (len(lines) + 0.5) * 1.3 * _SIZE)
        y += tallest + below + _GAP
    total = columns * (wide + _GAP) + _GAP
    sheet.attrib |= {
        "width": number(total), "height": number(y), "viewBox": f"0 0 {number(total)} {number(y)}",
    }  # fmt: skip
    return sheet


def _drawing(svg: Element | str) -> tuple[Element, tuple[float, float]]:
    """Return a copy of a drawing without its style, and its size."""
    markup = svg if isinstance(svg, str) else tostring(svg, encoding="unicode")
    root = fromstring(re.sub(r"<style>.*?</style>", "", markup, flags=re.S))
    for e in root.iter():
        e.tag = e.tag.rpartition("}")[2]
    if root.tag != "svg":
        root = root.find(".//svg")
    if root is None or not root.get("viewBox"):
        raise ValueError("a frame of the strip is an <svg> with a viewBox")
    root.attrib.pop("style", None)
    width, height = (float(x) for x in root.get("viewBox").split()[2:])
    return root, (width, height)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Return ``text`` in lines that are no wider than ``width``; Chinese breaks anywhere.

    >>> wrapped("one two three", 75, 15)
    ['one two', 'three']
    """
    lines, line = [], ""
    for word in re.findall(_PIECES, text.replace("$", "")):
        if line and _text.extent((line + word).rstrip(), size)[0] > width:
            lines.append(line.rstrip())
            line = ""
        line += word
    return [*lines, line.rstrip()] if line.strip() else lines


@functools.cache
def flat_style() -> str:
    """Return the style of the pictures as plain rules: no variable, no mixing, on white paper."""
    rules = re.sub(r"@supports\([^{]*\{\.cf\{[^}]*\}\}", "", STYLE)
    rules = re.sub(r"^\.cf\{[^}]*\}", "", rules)
    for key, colour in PALETTE.items():
        rules = rules.replace(f"var(--cf-{key})", _on_paper(colour))
    rules = rules.replace("var(--cf-paper)", "#ffffff").replace("currentColor", INK)
    rules = rules.replace("'STIX Two Text'", "STIXGeneral")
    return rules


def _on_paper(colour: str) -> str:
    mixed = (
        round(
            (int(colour[i : i + 2], 16) * _SHARE + int(INK[i : i + 2], 16) * (100 - _SHARE)) / 100
        )
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{c:02x}" for c in mixed)


@functools.cache
def _fonts() -> tuple[str, ...]:
    # Fonts of the machine differ; matplotlib brings these.
    import matplotlib

    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    names = (
        "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "STIXGeneral", "STIXGeneralItalic",
        "STIXGeneralBol", "STIXGeneralBolIta",
    )  # fmt: skip
    return tuple(str(folder / f"{n}.ttf") for n in names)


class NoFont(LookupError):
    """Raised where the pictures hold Chinese and no font of the machine has it."""


def _chinese_font(markup: str) -> list[str]:
    if not re.search(_HAN, markup):
        return []
    font = _a_chinese_font()
    if font is None:
        raise NoFont("no font of this machine has Chinese characters")
    return [font]


@functools.cache
def _a_chinese_font() -> str | None:
    """Return the file of a Chinese font of this machine; it may hold Japanese and Korean as well."""
    from matplotlib.font_manager import fontManager

    for family in _CHINESE:
        for font in fontManager.ttflist:
            if font.name.startswith(family.removesuffix(" SC")):
                return font.fname
    return None
