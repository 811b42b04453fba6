"""The one line that shows each widget, as a notebook has it."""

from __future__ import annotations

from course import widgets

CALLS = {
    "graph_stepper": 'graph_stepper({"t": ("+", ("x", "y")), "z": ("square", ("t",))}, {"x": 2, "y": 3})',
    "gear_train": "gear_train()",
    "path_sum": "path_sum()",
    "node_bench": "node_bench()",
    "activation_explorer": "activation_explorer()",
    "shape_puzzle": "shape_puzzle()",
    "logit_explorer": "logit_explorer()",
    "training_dashboard": "training_dashboard()",
    "gradient_check_map": "gradient_check_map()",
    "bug_clinic": "bug_clinic()",
}

assert set(CALLS) == set(widgets.__all__), "every widget of the package has its line here"


def cell(name: str) -> str:
    """Return the source of a cell that shows a widget."""
    return f"from course import widgets\n\nwidgets.{CALLS[name]}"
