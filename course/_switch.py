"""The one switch between a reader's notebook and a graded run.

A few exercises ask for what this package must hold itself: the numerical
gradient, the evaluation of a graph. A graded run sets ``COURSE_GRADED=1`` and
the public names that lead there refuse; the checks reach the engine directly.
"""

from __future__ import annotations

import os

from ._language import _

VARIABLE = "COURSE_GRADED"


class EngineOff(RuntimeError):
    """Raised where a graded run calls what an exercise asks the student to write."""


def is_graded() -> bool:
    """Say whether this process grades."""
    return os.environ.get(VARIABLE, "0") not in ("", "0")


def require_engine(name: str) -> None:
    """Raise `EngineOff` when this process grades; ``name`` is what was called."""
    if is_graded():
        said = _(
            "{name} is switched off while your notebook is graded, because an exercise "
            "asks for it. Call your own function instead."
        )
        raise EngineOff(said.format(name=name))
