"""Marks the texts of the widgets, and gives them in the language of the notebook."""

from __future__ import annotations

from collections.abc import Mapping

from course._language import gettext as _

__all__ = ["COMMON", "_", "in_the_readers_language"]

COMMON = {
    "first": _("First"),
    "back": _("Back"),
    "play": _("Play"),
    "pause": _("Pause"),
    "step": _("Step"),
    "last": _("Last"),
    "steps": _("Steps"),
    "check": _("Check"),
    "reveal": _("Reveal"),
    "picture": _("Picture"),
    "by_keys": _("{picture}; the arrow keys step"),
    "not_a_number": _("Type a number: 0.5, 1/2 and 2*1.1 are all fine."),
}
"""The words that `shared.mjs` itself writes."""


def in_the_readers_language(words: Mapping[str, str]) -> dict[str, str]:
    """Return the texts as they are to be shown now.

    A module's texts are marked with `_` when it is loaded. The language of the notebook may be set
    later than that, so they are looked up again; a text that is translated already stays as it is.
    """
    return {key: _(text) for key, text in words.items()}
