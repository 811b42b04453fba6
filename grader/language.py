"""The language of a submission, and the catalogues that only the grader has.

Students' catalogues lie in ``course/locale``. What names a hidden check, and what is said to
whoever made a known mistake, is in ``grader/locale`` and never on a student's machine:

- ``grader``: the feedback pages, the diagnosis, what a session says;
- ``hidden``: the strings of the hidden checks in source/;
- ``misconceptions``: the docstrings of grader/misconceptions/, each as one message.
"""

from __future__ import annotations

import contextlib
import functools
import gettext
import os
from collections.abc import Iterator
from pathlib import Path

from course._language import (
    LANGUAGES,
    N_,
    VARIABLE,
    _,
    add_catalogue,
    every,
    joined,
    known,
    language,
    of_metadata,
    shown,
    using,
)

LOCALE = Path(__file__).parent / "locale"
add_catalogue(LOCALE, "grader")
add_catalogue(LOCALE, "hidden")


def language_of(notebook) -> str:
    """Return the language of whoever handed a notebook in.

    The one that it was released in, as its metadata says. An editor may have thrown that
    away: then ``COURSE_LANG``, the language of the class, else English.
    """
    return of_metadata(notebook) or known(os.environ.get(VARIABLE)) or "en"


@contextlib.contextmanager
def speaking_to(notebook) -> Iterator[None]:
    """Speak the language of a notebook's reader inside; a class may have both."""
    with using(language_of(notebook)):
        yield


@functools.cache
def _misconceptions(lang: str) -> gettext.NullTranslations:
    return gettext.translation("misconceptions", LOCALE, [lang], fallback=True)


def misconception(docstring: str) -> str:
    """Return the docstring of a file in misconceptions/ in the language that is spoken now."""
    return _misconceptions(language()).gettext(docstring) if docstring else ""


__all__ = [
    "LANGUAGES",
    "N_",
    "VARIABLE",
    "_",
    "every",
    "joined",
    "known",
    "language",
    "language_of",
    "misconception",
    "shown",
    "speaking_to",
    "using",
]
