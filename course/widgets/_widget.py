"""What all widgets share: one live view, and a still picture of the same for everyone else.

A widget displays as three outputs. The first is the live view; its text is the title. The second is
a PNG of its steps: GitHub, nbconvert, the feedback page and a notebook that is opened again without its
kernel show that one. The third says the same in words, for whoever does not see the PNG, and carries
the style that keeps the first one's error message out of sight where its model is gone. While the
live view runs, its style sheet hides the other two. The state of a widget is never stored.
"""

from __future__ import annotations

import functools
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path
from xml.etree.ElementTree import Element

import anywidget
import traitlets

from course.figures._picture import STYLE

from . import _strip
from ._words import COMMON, _, in_the_readers_language

FOLDER = Path(__file__).parent
VIEW = "application/vnd.jupyter.widget-view+json"


@functools.cache
def read(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def esm(name: str) -> str:
    """Return the module that a browser runs: the shared helpers, then the widget's own file."""
    return read("shared.mjs") + "\n" + read(name)


class Widget(anywidget.AnyWidget):
    """The base of the course's widgets.

    A subclass sets ``_esm = esm("<its file>.mjs")`` and ``WORDS``, and writes `strip` and `text`.

    Attributes
    ----------
    title : str
        The accessible name of the widget, and the line above its still picture.
    words : dict
        The texts that the browser needs, by key, in the reader's language.
    """

    WORDS: dict[str, str] = {}  # noqa: RUF012  (never written to)
    _css = read("widget.css") + STYLE

    title = traitlets.Unicode().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits) -> None:
        words = in_the_readers_language({**COMMON, **self.WORDS})
        # a notebook gives its title in English, as it gives all its texts in code
        title = _(traits.pop("title", ""))
        super().__init__(**{"words": words, "title": title, **traits})

    def strip(self) -> Sequence[tuple[Element | str, str]]:
        """Return three to six pictures of the widget at work, each with its caption."""
        raise NotImplementedError

    def text(self) -> str:
        """Return in sentences and numbers what the widget shows."""
        raise NotImplementedError

    def still(self) -> bytes:
        """Return the pictures of `strip` as one PNG on white."""
        return _strip.png(self.strip())

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.title}>"

    def _ipython_display_(self) -> None:
        from IPython.display import publish_display_data

        live = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        publish_display_data({VIEW: live, "text/plain": self.title})
        text = self.text()
        try:
            png = self.still()
        except _strip.NoFont:  # words in place of a picture full of empty boxes
            publish_display_data({"text/plain": text})
            note = _("Run the cell to play with the picture.")
        else:
            width = _strip.width_of(png) // _strip.ZOOM
            publish_display_data(
                {"image/png": b64encode(png).decode(), "text/plain": text},
                {"image/png": {"width": width, "alt": text}},
            )
            note = _("The picture shows some of the steps. Run the cell to play with all of them.")
        in_words = _("In words")
        publish_display_data(
            {
                "text/html": f'<style>{_STILL}</style><div class="{_NOTE}"><p>{escape(note)}</p>'
                f"<details><summary>{escape(in_words)}</summary>{_paragraphs(text)}</details></div>",
                "text/plain": note,
            }
        )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())


_NOTE = "course-widget-note"
# A live view that lost its model has one child: JupyterLab's message. The rule finds it by the two
# outputs of ours that follow, so that no other widget's message disappears.
_STILL = (
    f".jp-OutputArea-child:not(:has(.course-widget)):has(+ * + * .{_NOTE}){{display:none}}"
    f".{_NOTE}{{font-size:.9em}}.{_NOTE} p{{margin:.2em 0}}"
)
