"""What of a student's text, pictures and formulas may stand on a page: nothing that acts.

Outputs and Markdown are rebuilt from an allow-list by nh3 (the sanitiser Ammonia): no script,
handler, style sheet, form, frame, link, remote resource, nor an id or a class that is ours.
Inline SVG keeps shapes, texts and paint, so that the figures of the course survive. Formulas
become MathML, which a browser draws without a script, and go through the same list: the
converter passes mark-up inside ``\\text`` on as it is.
"""

from __future__ import annotations

import contextvars
import functools
import html as html_library
import re

import mistune
import nh3
from markupsafe import Markup

from course.figures._picture import STYLE as FIGURE_STYLE

MAX_MARKDOWN = 20_000
"""Characters; longer texts of a student are shown as they were typed."""
MAX_FORMULA = 2_000
MAX_HTML = 4_000_000


def _words(words: str) -> set[str]:
    return set(words.split())


_TEXT_TAGS = _words(
    "abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure "
    "hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td "
    "tfoot th thead tr u ul var wbr"
)
_SVG_TAGS = _words(
    "svg g defs path rect circle ellipse line polyline polygon text tspan title desc use image "
    "clipPath linearGradient radialGradient stop"
)
_MATH_TAGS = _words(
    "math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle merror mpadded mphantom menclose "
    "msub msup msubsup munder mover munderover mmultiscripts mprescripts mtable mtr mtd"
)
# Elements that hold text or code of another language: nothing of their content is text to show.
_DROPPED_WHOLE = _words(
    "script style template noscript iframe noembed noframes object embed applet textarea select "
    "xmp plaintext foreignObject annotation annotation-xml"
)

# Only shapes and paint may be referred to, never a group: a <use> of a group of <use> of a
# group ... is a page that never finishes drawing.
_MAY_HAVE_ID = _words(
    "path rect circle ellipse line polyline polygon clipPath linearGradient radialGradient title "
    "desc"
)
_PAINT = _words(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin "
    "stroke-dasharray stroke-dashoffset stroke-miterlimit paint-order opacity color stop-color "
    "stop-opacity clip-path clip-rule font-size font-style font-weight font-family font "
    "text-anchor dominant-baseline letter-spacing image-rendering visibility"
)
_GEOMETRY = _words(
    "d x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height points transform viewBox offset "
    "gradientUnits gradientTransform clipPathUnits spreadMethod preserveAspectRatio rotate "
    "textLength lengthAdjust"
)
_MATH_ATTRIBUTES = _words(
    "accent accentunder columnalign columnlines columnspacing columnspan depth display "
    "displaystyle fence form height largeop linethickness lspace mathvariant maxsize minsize "
    "movablelimits notation rowalign rowlines rowspacing rowspan rspace scriptlevel separator "
    "stretchy symmetric voffset width"
)
_ATTRIBUTES: dict[str, set[str]] = {
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "details": {"open"},
    "figure": {"class"},
}
for _tag in _SVG_TAGS:
    _ATTRIBUTES[_tag] = {"id", "class", "style", *_PAINT, *_GEOMETRY}
_ATTRIBUTES["svg"] |= {"role", "aria-label", "aria-labelledby", "aria-hidden"}
_ATTRIBUTES["use"] |= {"href"}
_ATTRIBUTES["image"] |= {"href"}
for _tag in _MATH_TAGS:
    _ATTRIBUTES[_tag] = _MATH_ATTRIBUTES

_CLASSES = set(re.findall(r"\.([a-z]\w*)", FIGURE_STYLE)) | {"course-figure"}
_IMAGE_URL = re.compile(r"data:image/(?:png;base64,iVBORw0KGgo|jpe?g;base64,/9j/)[A-Za-z0-9+/=]*")
_NAME = re.compile(r"[\w.:-]{1,100}")
_LOCAL_URL = re.compile(r"url\(['\"]?#([\w.:-]{1,100})['\"]?\)")
_PLAIN_VALUE = re.compile(r"[\w\s#%.,+*/()'\"-]*")
_NUMBER = re.compile(r"\d{1,4}(?:\.\d+)?%?")
_prefix: contextvars.ContextVar[str] = contextvars.ContextVar("prefix", default="x")


def _value(value: str) -> str | None:
    """Return the value of an SVG or CSS property if it only paints or places, else None."""
    prefix = _prefix.get()
    value = _LOCAL_URL.sub(lambda m: f"url(#{prefix}{m[1]})", value)
    rest = value.replace(f"url(#{prefix}", "(")
    if "url" in rest.lower() or not _PLAIN_VALUE.fullmatch(rest):
        return None
    return value


def _style(style: str) -> str | None:
    """Return what an SVG element's style paints; places, sizes and all else are left out."""
    kept = []
    for declaration in style.split(";"):
        name, colon, value = declaration.partition(":")
        value = _value(value.strip()) if colon and name.strip() in _PAINT else None
        if value:
            kept.append(f"{name.strip()}:{value}")
    return ";".join(kept) or None


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return the value that an attribute of the list keeps, or None to drop it."""
    if name == "class":
        return " ".join(c for c in value.split() if c in _CLASSES) or None
    if tag in _SVG_TAGS:
        return _svg_attribute(tag, name, value)
    if tag in _MATH_TAGS:
        return value if _PLAIN_VALUE.fullmatch(value) else None
    if name == "src":
        return value if _IMAGE_URL.fullmatch(value) else None
    if name in ("width", "height", "colspan", "rowspan", "start"):
        return value if _NUMBER.fullmatch(value) else None
    if name == "scope":
        return value if value in ("row", "col", "rowgroup", "colgroup") else None
    return value


def _svg_attribute(tag: str, name: str, value: str) -> str | None:
    prefix = _prefix.get()
    if name == "style":
        return _style(value)
    if name == "id":
        return prefix + value if tag in _MAY_HAVE_ID and _NAME.fullmatch(value) else None
    if name == "href":
        if tag == "image":
            value = re.sub(r"\s", "", value)
            return value if _IMAGE_URL.fullmatch(value) else None
        return f"#{prefix}{value[1:]}" if value[:1] == "#" and _NAME.fullmatch(value[1:]) else None
    if name == "role":
        return value if value == "img" else None
    if name == "aria-labelledby":
        return " ".join(prefix + v for v in value.split() if _NAME.fullmatch(v)) or None
    if name in ("aria-label", "aria-hidden"):
        return value
    return _value(value)


_cleaner = nh3.Cleaner(
    tags=_TEXT_TAGS | _SVG_TAGS | _MATH_TAGS,
    clean_content_tags=_DROPPED_WHOLE,
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    strip_comments=True,
    link_rel=None,
    url_schemes={"data"},
)


def html(source: str, prefix: str) -> Markup:
    """Return the part of an HTML fragment, or of a whole SVG file, that is safe to show.

    Parameters
    ----------
    source : str
        Written by a student, or by what a student ran.
    prefix : str
        Stands before every id that survives; another for each call of a page.
    """
    if len(source) > MAX_HTML:
        return Markup("<p>{}</p>").format(f"(left out: {len(source) / 1e6:.1f} MB of HTML)")
    token = _prefix.set(prefix)
    try:
        return Markup(_cleaner.clean(_without_prologue(source)))
    finally:
        _prefix.reset(token)


def _without_prologue(source: str) -> str:
    """Drop what stands before the element of an SVG file; read as HTML it would be text."""
    if source.lstrip()[:5].lower() in ("<?xml", "<!doc"):
        start = source.lower().find("<svg")
        return source[start:] if start >= 0 else source
    return source


_CONTROL = dict.fromkeys(
    (*range(9), 11, *range(14, 32), *range(127, 160)), "\N{REPLACEMENT CHARACTER}"
)
# Marks that write the line from right to left, or end that: they can make code look like other code.
_BIDI = {
    c: f"[U+{c:04X}]"
    for c in (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def text(source: str) -> str:
    """Return plain text as a page shows it: no colours of a terminal, no hidden control.

    The template escapes it besides.

    >>> text("\\x1b[31mred\\x1b[0m \\u202e")
    'red [U+202E]'
    """
    lines = _ANSI.sub("", source).replace("\r\n", "\n").split("\n")
    # A carriage return starts the line again, as a progress bar means it to.
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in lines]
    return "\n".join(lines).translate(_CONTROL | _BIDI)


_IMAGES = ("image/png", "image/jpeg")


def image_url(mime: str, data: str) -> str | None:
    """Return a PNG or JPEG output as a data URL, or None if it is neither."""
    if mime not in _IMAGES:
        return None
    url = f"data:{mime};base64,{''.join(data.split())}"
    return url if _IMAGE_URL.fullmatch(url) else None


# Browsers know one mathvariant, "normal"; the other alphabets are characters of their own.
_ALPHABETS = {"bold": 0x1D400, "sans-serif": 0x1D5A0, "monospace": 0x1D670}
# What the converter calls otherwise than LaTeX does.
_SPELLINGS = (
    (r"{aligned}", r"{align*}"),
    (r"{gathered}", r"{split}"),
    ("\\arg\\", "\\mathrm{arg}\\,\\"),
    ("\\arg ", "\\mathrm{arg}\\,"),
)


def _alphabet(match: re.Match) -> str:
    start, letter = _ALPHABETS[match[1]], match[2]
    return f"<mi>{chr(start + ord(letter) - (65 if letter.isupper() else 71))}</mi>"


@functools.lru_cache(4096)
def _formula(latex: str, display: bool) -> str:
    """Return a formula as MathML, not yet sanitised, or its source as code."""
    from latex2mathml.converter import convert

    try:
        if len(latex) > MAX_FORMULA:
            raise ValueError("too long")
        for ours, known in _SPELLINGS:
            latex = latex.replace(ours, known)
        mathml = convert(latex, display="block" if display else "inline")
    except Exception:  # whatever a student typed: the source says as much as there is to say
        return f"<code>{html_library.escape(latex)}</code>"
    pattern = rf'<mi mathvariant="({"|".join(_ALPHABETS)})">([A-Za-z])</mi>'
    return re.sub(pattern, _alphabet, mathml)


class _Renderer(mistune.HTMLRenderer):
    """HTML of Markdown with formulas as MathML; `html` sanitises what it gives."""

    def __init__(self, attachments: dict) -> None:
        super().__init__(escape=False)
        self.attachments = attachments

    def heading(self, text: str, level: int, **attrs) -> str:
        # The headings of a page are its outline: a student's own are not part of it.
        return f"<p><strong>{text}</strong></p>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Show an attached PNG or JPEG; of any other picture there are only its words."""
        for mime, data in self._attached(url):
            source = image_url(mime, data) if isinstance(data, str) else None
            if source:
                return f'<img src="{source}" alt="{html_library.escape(text)}">'
        words = html_library.escape(text or "no words for it")
        if _IMAGE_URL.fullmatch(url):
            return f'<img src="{url}" alt="{words}">'
        return f"[picture: {words}]"

    def _attached(self, url: str) -> list:
        bundle = self.attachments.get(url.removeprefix("attachment:"))
        return list(bundle.items()) if isinstance(bundle, dict) else []

    def block_math(self, body: str) -> str:
        return _formula(body.strip(), True)

    def inline_math(self, body: str) -> str:
        return _formula(body.strip(), False)

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")


def markdown(source: str, prefix: str, attachments: dict | None = None) -> Markup:
    """Return Markdown, as notebooks have it, as HTML that is safe to show.

    Parameters
    ----------
    source : str
        Of a text cell, or of a ``text/markdown`` output.
    prefix : str
        As for `html`.
    attachments : dict, optional
        The pictures that hang on a cell, by name and type.
    """
    if len(source) <= MAX_MARKDOWN:
        try:
            return html(_markdown(attachments or {})(source), prefix)
        except (RecursionError, ValueError, KeyError, IndexError, AttributeError):
            pass  # a text that the parser cannot take is shown as it was typed
    return Markup("<pre>{}</pre>").format(text(source))


def _markdown(attachments: dict) -> mistune.Markdown:
    if attachments:
        return _new_markdown(attachments)
    return _plain_markdown()


@functools.cache
def _plain_markdown() -> mistune.Markdown:
    return _new_markdown({})


def _new_markdown(attachments: dict) -> mistune.Markdown:
    # nbconvert's parser: what counts as a formula is what the notebook showed as one.
    from nbconvert.filters.markdown_mistune import MarkdownWithMath

    return MarkdownWithMath(_Renderer(attachments))
