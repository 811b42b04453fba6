"""An IPython shell without a terminal, a kernel or a thread, that keeps what a cell shows.

It is made in the warm process and survives the fork, which a shell that starts a thread
(for its history) or an event loop does not.
"""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import types

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

# What a feedback page can show. Widget state and scripts stay behind: every picture of
# the course has a png or plain text beside them.
MIME_TYPES = (
    "text/plain", "text/html", "text/markdown", "text/latex",
    "image/png", "image/jpeg", "image/svg+xml",
)  # fmt: skip


OUTPUTS = 1000  # of one cell; a loop with print and display makes two a turn


class Outputs:
    """What one cell showed, as nbformat dicts, cut where it exceeds the limits."""

    def __init__(self) -> None:
        self.kept: list[dict] = []
        self.images_left = self.notebook_left = self.left = 0
        self.cut = self.cut_error = False

    def begin(self, limits=None) -> None:
        """Start afresh for the next cell."""
        self.kept, self.cut, self.cut_error = [], False, False
        self.left = 0 if limits is None else min(limits.cell_output_kb << 10, self.notebook_left)

    def _take(self, size: int) -> bool:
        fits = size <= self.left
        if fits:
            self.left -= size
            self.notebook_left -= size
        return fits

    def _say_cut(self) -> None:
        if not self.cut:
            self.cut = True
            self._append_text("stderr", "\n[the rest of the output of this cell was cut]\n")

    def _append_text(self, name: str, text: str) -> None:
        last = self.kept[-1] if self.kept else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"].append(text)
        else:
            self._keep({"output_type": "stream", "name": name, "text": [text]})

    def _keep(self, output: dict) -> None:
        if len(self.kept) < OUTPUTS:
            self.kept.append(output)

    def write(self, name: str, text: str) -> None:
        """Add text to the stream ``name``."""
        if self.cut or not text:
            return
        text = text[: self.left + 1]  # one character is at least one byte: no copy of 30 MB
        size = len(text.encode("utf-8", "replace"))
        if not self._take(size):
            text = text.encode("utf-8", "replace")[: self.left].decode("utf-8", "ignore")
            self._take(self.left)
            self._append_text(name, text)
            self._say_cut()
        else:
            self._append_text(name, text)

    def show(self, kind: str, data: dict, metadata: dict | None, **more) -> None:
        """Add a rich output of type ``kind``."""
        kept = {}
        for mime in MIME_TYPES:
            value = data.get(mime)
            if isinstance(value, bytes):
                value = base64.b64encode(value).decode("ascii")
            if not isinstance(value, str):
                continue
            if mime.startswith("image/"):
                if self.images_left <= 0:
                    continue
                self.images_left -= 1
            if not self._take(len(value)):
                self._say_cut()
                continue
            kept[mime] = str(value)
        needs = (metadata or {}).get("needs_background")
        if kept:
            about = {"needs_background": needs} if needs in ("light", "dark") else {}
            self._keep({"output_type": kind, "data": kept, "metadata": about, **more})

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Add an error; the last lines of the first one survive any limit."""
        lines = [str(line) for line in traceback]
        if not self._take(sum(map(len, lines)) + len(value)):
            if self.cut_error:
                return
            self.cut_error = True
            lines, value = [line[:500] for line in lines[-3:]], value[:500]
        self._keep({"output_type": "error", "ename": name, "evalue": value, "traceback": lines})

    def take(self) -> list[dict]:
        """Return what was shown, and start afresh."""
        for output in self.kept:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        kept = self.kept
        self.begin()
        return kept


class Stream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of a session."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, outputs: Outputs) -> None:
        self.name, self._outputs = name, outputs

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Keep ``text``, or drop it once the cell has shown too much."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._outputs.write(self.name, text)
        return len(text)


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, *, update=False, **more) -> None:
        if not update:
            self.shell.outputs.show("display_data", data, metadata)

    def clear_output(self, wait=False) -> None:
        self.shell.outputs.kept.clear()


class _Hook(DisplayHook):
    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict, md_dict=None) -> None:
        count = self.prompt_count
        self.shell.outputs.show("execute_result", format_dict, md_dict, execution_count=count)

    def finish_displayhook(self) -> None:
        self._is_active = False


class _Compiler(CachingCompiler):
    """Remembers which cell a code object comes from, to name lines by it later."""

    def __init__(self) -> None:
        super().__init__()
        self.cell_id, self.cells = "", {}

    def get_code_name(self, raw_code, transformed_code, number) -> str:
        name = super().get_code_name(raw_code, transformed_code, number)
        self.cells[name] = self.cell_id
        return name


class Shell(InteractiveShell):
    """The shell of one session; its ``__main__`` is the student's namespace."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    compiler_class = Type(_Compiler)

    def __init__(self, **more) -> None:
        self.outputs = Outputs()
        config = Config()
        config.HistoryManager.enabled = False  # it starts a thread
        config.InteractiveShell.colors = "nocolor"
        super().__init__(config=config, user_module=types.ModuleType("__main__"), **more)

    def take_streams(self, limits) -> None:
        """Put our streams in the place of the process's own, with the room they have."""
        self.outputs.notebook_left = limits.notebook_output_kb << 10
        self.outputs.images_left = limits.images
        sys.stdout, sys.stderr = Stream("stdout", self.outputs), Stream("stderr", self.outputs)

    def enable_gui(self, gui=None) -> None:
        """Do nothing: there is no window. ``%matplotlib`` calls it."""

    def _showtraceback(self, etype, evalue, stb) -> None:
        self.outputs.error(getattr(etype, "__name__", "Error"), str(evalue), stb)

    def system(self, cmd) -> None:
        """Run ``!cmd``; there is no terminal to give it."""
        command = self.var_expand(cmd, depth=1)
        if command.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")  # as in every notebook
        done = subprocess.run(
            command,
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        sys.stdout.write(done.stdout.decode("utf-8", "replace"))
        self.user_ns["_exit_code"] = done.returncode

    def run(self, source: str, cell_id: str, limits) -> tuple[list[dict], bool]:
        """Run one cell; return what it showed and whether it ended in an error."""
        self.outputs.begin(limits)
        self.compile.cell_id = cell_id
        result = self.run_cell(source, store_history=True)
        failed = result.error_before_exec or result.error_in_exec
        return self.outputs.take(), failed is not None
