"""Pictures that answer back: each is one line to call, and displays where it is the last expression.

>>> from course import widgets
>>> bench = widgets.node_bench()  # doctest: +SKIP

A widget works with the exercises unsolved, by mouse or by keyboard alone, and leaves a static picture
of its steps behind for whoever opens the notebook without a kernel.
"""

from __future__ import annotations

from importlib import import_module

from course._switch import is_graded

from ._words import _

_HOMES = {
    "graph_stepper": "_graph_stepper",
    "gear_train": "_gear_train",
    "path_sum": "_path_sum",
    "node_bench": "_node_bench",
    "activation_explorer": "_activation_explorer",
    "shape_puzzle": "_shape_puzzle",
    "logit_explorer": "_logit_explorer",
    "training_dashboard": "_training_dashboard",
    "gradient_check_map": "_gradient_check_map",
    "bug_clinic": "_bug_clinic",
}

__all__ = list(_HOMES)


def __getattr__(name: str):
    # A notebook imports this package in its first cell and shows one widget or two: each is
    # loaded, with ipywidgets, when it is first asked for.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if is_graded():
        return Undrawn
    return getattr(import_module(f".{home}", __name__), name)


class Undrawn:
    """What every name gives in a graded run: a cell of the student's own may show a widget there.

    Nobody is there to play, and a widget shows what exercises ask for.
    """

    def __init__(self, *args, **options) -> None:
        pass

    def __repr__(self) -> str:
        return self.text()

    def text(self) -> str:
        """Return the line that stands in the widget's place."""
        return _("A widget is not drawn while a notebook is graded.")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
