"""The language that messages and pictures speak, and the catalogues with their translations.

Source texts are English. A notebook says in its metadata which language its reader has,
``"course": {"lang": "zh"}``, and everything that this package prints or draws follows it:

- a kernel looks the notebook up once (`_of_notebook`); ``COURSE_LANG`` overrules it;
- a grader, which judges notebooks of both languages in one process, says it with `using`.

``_`` marks a text of this package. What stands in a check cell of a notebook (its parts,
hints and names) is English there too, and looked up by `shown` when it is printed.
"""

from __future__ import annotations

import contextlib
import functools
import gettext as _gnu
import json
import os
import re
import textwrap
import unicodedata
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

LANGUAGES = ("en", "zh")
VARIABLE = "COURSE_LANG"
LONGEST = 500  # characters of a text that is looked up by its pattern
_using: ContextVar[str | None] = ContextVar("language", default=None)
_catalogues: list[tuple[Path, str]] = [
    (Path(__file__).parent / "locale", "course"),
    (Path(__file__).parent / "locale", "notebooks"),
]
_OF_NOTEBOOKS = {"notebooks", "hidden"}  # the domains of what stands in cells


def add_catalogue(folder: Path, domain: str) -> None:
    """Look texts up in ``folder/<language>/LC_MESSAGES/<domain>.mo`` as well."""
    if (folder, domain) not in _catalogues:
        _catalogues.append((folder, domain))
        _translations.cache_clear()
        _patterns.cache_clear()


def known(lang: object) -> str | None:
    """Return ``lang`` if it is one of `LANGUAGES`, else None."""
    return lang if isinstance(lang, str) and lang in LANGUAGES else None


def language() -> str:
    """Return ``'en'`` or ``'zh'``: what `using` says, else ``COURSE_LANG``, else the notebook."""
    return _using.get() or known(os.environ.get(VARIABLE)) or _of_notebook() or "en"


@contextlib.contextmanager
def using(lang: str | None) -> Iterator[None]:
    """Speak ``lang`` inside; None is English, whatever this process speaks outside."""
    token = _using.set(known(lang) or "en")
    try:
        yield
    finally:
        _using.reset(token)


def of_metadata(notebook) -> str | None:
    """Return the language that a notebook's metadata names, if it is one of ours."""
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    course = metadata.get("course") if isinstance(metadata, dict) else None
    return known(course.get("lang")) if isinstance(course, dict) else None


@functools.cache
def _of_notebook() -> str | None:
    """Return the language of the notebook that this kernel serves; looked up once.

    Jupyter's server names the notebook in ``JPY_SESSION_NAME``. Whoever runs notebooks without
    a server (nbclient, nbgrader's validate) starts the kernel in the notebook's folder, and a
    unit's folder and notebook share one name.
    """
    with contextlib.suppress(OSError):
        here = Path.cwd()
        named = os.environ.get("JPY_SESSION_NAME")
        for path in ([here / named] if named else []) + [here / f"{here.name}.ipynb"]:
            with contextlib.suppress(OSError, ValueError, RecursionError):
                return of_metadata(json.loads(path.read_text("utf-8")))
    return None


@functools.cache
def _translations(lang: str) -> _gnu.NullTranslations:
    """Return the translations of a language, of all catalogues; empty if none is there."""
    first = _gnu.NullTranslations()
    for folder, domain in _catalogues:
        first.add_fallback(_gnu.translation(domain, folder, [lang], fallback=True))
    return first


def gettext(message: str) -> str:
    """Return a text of ours in the language of the reader.

    Numbers and names are filled in afterwards, ``_("has shape {got}").format(got=...)``: so a
    translation may order them as it needs.
    """
    lang = language()
    if lang == "en" or not message:
        return message
    return _translations(lang).gettext(message)


def every(message: str) -> list[str]:
    """Return a text of ours in all languages, English first: to find it in what was printed."""
    others = [_translations(lang).gettext(message) for lang in LANGUAGES if lang != "en"]
    return list(dict.fromkeys([message, *others]))


# ---------------------------------------------------------------- what stands in a cell


@functools.cache
def _patterns(lang: str) -> list[tuple[list[str], str]]:
    """Return what is known of texts with places to fill in, the most telling first.

    An f-string of a cell, ``f"holds {name!r} twice"``, stands in a catalogue as
    ``holds {name} twice``; here it is cut at its places: ``["holds ", "name", " twice"]``.
    """
    found = []
    for folder, domain in _catalogues:
        if domain in _OF_NOTEBOOKS:
            known = _gnu.translation(domain, folder, [lang], fallback=True)
            # The one way to list what a catalogue holds; as old as the module.
            for message, translated in getattr(known, "_catalog", {}).items():
                pieces = re.split(r"\{(\w+)\}", message)
                if len(pieces) > 1 and translated:
                    found.append((pieces, translated))
    return sorted(found, key=lambda one: -sum(map(len, one[0][::2])))


def _filled(pieces: list[str], text: str) -> dict[str, str] | None:
    """Return what stands in the places of a pattern; None if the text does not follow it.

    In linear time, the first fit of each piece: a text may hold what a student's code gave.
    """
    first, last = pieces[0], pieces[-1]
    if not (text.startswith(first) and text.endswith(last)) or len(text) < len(first) + len(last):
        return None
    values, at, end = {}, len(first), len(text) - len(last)
    for name, piece in zip(pieces[1:-2:2], pieces[2:-1:2], strict=True):
        found = text.find(piece, at + 1, end)
        if found < 0:
            return None
        values[name], at = text[at:found], found + len(piece)
    values[pieces[-2]] = text[at:end]
    return values


def shown(text: str) -> str:
    """Return a text of a notebook's cell as its reader sees it; one that is not known as it is."""
    text, lang = str(text), language()
    if lang == "en" or not text:
        return text
    found = _translations(lang).gettext(text)
    if found != text or len(text) > LONGEST:
        return found
    for pieces, translated in _patterns(lang):
        values = _filled(pieces, text)
        if values is not None:
            return re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], m[0]), translated)
    return text


# ---------------------------------------------------------------- words one behind the other


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def joined(*words: str) -> str:
    """Return words with a space between them, but for two that meet in Chinese characters.

    >>> joined("dW", "is zero"), joined("损失", "不对"), joined("dW", "不对")
    ('dW is zero', '损失不对', 'dW 不对')
    """
    text = ""
    for word in words:
        tight = (
            not text or not word or (_wide(text[-1]) and _wide(word[0])) or word[0] in "，。；："
        )
        text += word if tight else f" {word}"
    return text


def close_up(text: str) -> str:
    """Return a text without the spaces between Chinese characters.

    A translation has spaces around what is filled in, which may turn out Chinese as well.
    """
    if language() == "en":
        return text
    return re.sub(r" (?=(.))", lambda m: _space(text, m), text)


def _space(text: str, match: re.Match) -> str:
    before = text[match.start() - 1] if match.start() else " "
    return "" if _wide(before) and _wide(match[1]) else " "


def columns(text: str) -> int:
    """Return how many columns a text takes where all letters have one width."""
    return sum(1 + _wide(c) for c in text)


def fill(text: str, width: int, first: str, rest: str) -> str:
    """Return a text in lines of at most ``width`` columns, indented; `textwrap.fill` for Chinese.

    A line of Chinese ends at a space or between two characters, and never before a mark that
    closes: 。，）.
    """
    if not any(map(_wide, text)):
        return textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest)
    pieces = re.findall(
        r"\s+|[\u2e80-\u9fff\uff00-\uffef“”‘’—…]|[^\s\u2e80-\u9fff\uff00-\uffef“”‘’—…]+", text
    )
    units: list[str] = []
    for piece in pieces:
        closes = piece[0] in "，。、；：！？）》”’…"
        if units and (closes or units[-1][-1] in "（《“‘"):
            units[-1] += piece
        else:
            units.append(piece)
    lines, line = [], first
    for unit in units:
        if columns(line + unit) > width and line.strip():
            lines.append(line.rstrip())
            line = rest
        line += unit if line.strip() else unit.lstrip()
    return "\n".join([*lines, line.rstrip()])


def N_(message: str) -> str:
    """Return ``message`` as it is: marks a text that is looked up later."""
    return message


_ = gettext
