"""The one seam behind which a student's code runs.

`grading` hands an executor a restored notebook; the executor fills in the outputs of
its code cells. Everything that is known about isolation lives behind this call.
"""

from __future__ import annotations

import tempfile
from typing import Protocol

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets.config import Config

from .units import kind, reference_environment

CELL_TIME_S = 30


class Executor(Protocol):
    """Runs the cells of a restored notebook, in place."""

    def execute(self, notebook: NotebookNode) -> None:
        """Fill in the outputs of every code cell that is no demo; raise for none of them."""


class KernelExecutor:
    """Runs all cells, the checks among them, in one ordinary kernel without isolation.

    Parameters
    ----------
    cell_time_s : int
        How long one cell may run before it is interrupted and counts as failed.
    """

    def __init__(self, cell_time_s: int = CELL_TIME_S) -> None:
        self.cell_time_s = cell_time_s

    def execute(self, notebook: NotebookNode) -> None:
        """Fill in the outputs; a kernel that dies leaves an error in the cells behind it."""
        demo = [c for c in notebook.cells if kind(c) == "demo"]
        running = [c for c in notebook.cells if kind(c) != "demo"]
        shadow = NotebookNode(notebook | {"cells": running})
        with tempfile.TemporaryDirectory(prefix="grader-") as scratch:
            client = NotebookClient(
                shadow,
                timeout=self.cell_time_s,
                interrupt_on_timeout=True,
                error_on_timeout={
                    "ename": "TimeoutError",
                    "evalue": f"the cell ran longer than {self.cell_time_s} s",
                    "traceback": [],
                },
                allow_errors=True,
                resources={"metadata": {"path": scratch}},
                # no port on this host that another user could connect to
                config=Config({"KernelManager": {"transport": "ipc"}}),
            )
            try:
                client.execute(env=reference_environment())
            except DeadKernelError:
                self._mark_dead(running)
        for cell in demo:
            cell.outputs, cell.execution_count = [], None

    @staticmethod
    def _mark_dead(cells: list[NotebookNode]) -> None:
        code = [c for c in cells if c.cell_type == "code"]
        for cell in code:
            if kind(cell) == "check" and not cell.outputs:
                cell.outputs = [
                    new_output(
                        "error",
                        ename="DeadKernelError",
                        evalue="Python ended before this cell could run",
                        traceback=[],
                    )
                ]
