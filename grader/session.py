"""One student's code running in isolation: run a cell, call a function, hold an object.

This is the trusted end. The other one shares a process with the student's code, so each
byte from there is taken as hostile: it is bounded, its form is checked, and whatever is
not as our own code would send it ends the session with a reason to show.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import signal
import socket
import time
from dataclasses import dataclass, field

from . import wire
from .errors import ProtocolError, RemoteError, SessionDied, SessionError, TimedOut
from .language import _
from .remote import Operation, Remote, StandIn, callback_message, error_from
from .sandbox import Limits

CALLBACK_BYTES = 4 << 20  # what a check's own function may be handed: it runs here
CALLBACK_DEPTH = 16  # a callback that calls an answer that calls a callback ...
ENDING_S = 1.0  # from the end of the connection to the exit status
_TEXT_TYPES = ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml")
_IMAGE_TYPES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_ROOM_FOR_ERRORS = 64 << 10  # the last lines of a traceback are shown whatever came before


@dataclass
class CellResult:
    """What running one cell gave.

    Attributes
    ----------
    outputs : list of dict
        As nbformat has them, and checked. They are display: a student's cell can show
        anything, so no verdict may be read from them.
    error : bool
        Whether the cell ended in an error.
    timed_out : bool
        Whether it was stopped by its time limit.
    ended : SessionError or None
        Why the session ended in this cell, if it did.
    """

    outputs: list[dict] = field(default_factory=list)
    error: bool = False
    timed_out: bool = False
    ended: SessionError | None = None


def _error_output(name: str, message: str) -> dict:
    text = f"{name}: {message}"
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [text]}


def _checked_data(data) -> dict[str, str]:
    """Return the mime bundle of an output, rebuilt from what is known to be harmless in form."""
    _need(type(data) is dict and 0 < len(data) <= 20, "a mime bundle")
    checked = {}
    for mime, value in data.items():
        _need(type(value) is str, "text in a mime bundle")
        if mime in _IMAGE_TYPES:
            try:
                raw = base64.b64decode("".join(value.split()), validate=True)
            except (binascii.Error, ValueError) as error:
                raise ProtocolError("an image that is no base64") from error
            _need(raw.startswith(_IMAGE_TYPES[mime]), "an image")
        else:
            _need(mime in _TEXT_TYPES, "a known mime type")
        checked[mime] = value
    return checked


def _need(condition: bool, what: str) -> None:
    if not condition:
        raise ProtocolError(f"{what} expected")


def checked_outputs(raw) -> tuple[list[dict], int]:
    """Return a session's outputs rebuilt from scratch, and their size in bytes.

    Raises
    ------
    ProtocolError
        If anything is not as nbformat 4 has it.
    """
    _need(type(raw) is list and len(raw) <= 2000, "a list of outputs")
    outputs, size = [], 0
    for output in raw:
        _need(type(output) is dict, "an output")
        kind = output.get("output_type")
        if kind == "stream":
            name, text = output.get("name"), output.get("text")
            _need(name in ("stdout", "stderr") and type(text) is str, "a stream")
            outputs.append({"output_type": kind, "name": name, "text": text})
            size += len(text)
        elif kind in ("display_data", "execute_result"):
            data, metadata = _checked_data(output.get("data")), {}
            ground = output.get("metadata", {})
            _need(type(ground) is dict, "metadata")
            if ground.get("needs_background") in ("light", "dark"):
                metadata = {"needs_background": ground["needs_background"]}
            checked = {"output_type": kind, "data": data, "metadata": metadata}
            if kind == "execute_result":
                count = output.get("execution_count")
                _need(type(count) is int and 0 <= count < 1 << 31, "an execution count")
                checked["execution_count"] = count
            outputs.append(checked)
            size += sum(map(len, data.values()))
        else:
            _need(kind == "error", "a known type of output")
            name, value = output.get("ename"), output.get("evalue")
            lines = output.get("traceback")
            _need(type(name) is str and type(value) is str and type(lines) is list, "an error")
            _need(all(type(line) is str for line in lines), "an error")
            outputs.append(
                {"output_type": "error", "ename": name, "evalue": value, "traceback": list(lines)}
            )
            size += len(value) + sum(map(len, lines))
    return outputs, size


class Session:
    """A student's code in its own process; made by `ForkServer.new_session`.

    Parameters
    ----------
    sock : socket.socket
        Our end of the session's socket.
    process : Process
        To interrupt it and to end it.
    limits : Limits

    Notes
    -----
    Once it has ended, every use raises the error that says why: `SessionDied`, `TimedOut`
    or `ProtocolError`.
    """

    def __init__(self, sock: socket.socket, process, limits: Limits) -> None:
        self.limits = limits
        self._channel = wire.Channel(sock)
        self._process = process
        self._remote = Remote(self._ask, self._end, limits.objects)
        self._sources: dict[str, str] = {}
        self._ended: SessionError | None = None
        self._left_s = limits.notebook_time_s
        self._left_bytes = (limits.notebook_output_kb << 10) + _ROOM_FOR_ERRORS
        self._images_left = limits.images
        self._depth = self._calls = 0

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error) -> None:
        self.close()

    @property
    def ended(self) -> SessionError | None:
        """Why the session has ended, or None while it runs."""
        return self._ended

    @property
    def transcript(self) -> list[Operation]:
        """What the checks did to the student's objects, in order; bounded."""
        return self._remote.transcript

    @property
    def transcript_complete(self) -> bool:
        """False once the transcript has left something out."""
        return self._remote.transcript_complete

    # ------------------------------------------------------------ what one can do

    def run_cell(self, source: str, *, cell_id: str) -> CellResult:
        """Run one cell of the notebook as IPython does.

        An error in the cell is part of the result, and so is the end of the session, if
        the cell brings it about; later cells then raise it.

        Parameters
        ----------
        source : str
            May hold magics.
        cell_id : str
            Names the cell in messages.
        """
        self._alive()
        self._sources[cell_id] = source
        where = _("in cell {cell!r}").format(cell=cell_id)
        try:
            answer, late = self._request("cell", (source, cell_id), self.limits.cell_time_s, where)
            result = self._checked_cell(answer)
        except RemoteError as error:
            return CellResult([_error_output(error.type_name, str(error))], error=True)
        except SessionError as error:
            self._end(error)
            shown = [_error_output(type(self._ended).__name__, str(self._ended))]
            late = isinstance(self._ended, TimedOut)
            return CellResult(shown, error=True, timed_out=late, ended=self._ended)
        if late:
            said = _("the cell was stopped after {seconds:g} s")
            message = said.format(seconds=self.limits.cell_time_s)
            result.outputs.append(_error_output("TimedOut", message))
            result.error = result.timed_out = True
        return result

    def _checked_cell(self, answer) -> CellResult:
        _need(type(answer) is tuple and len(answer) == 2, "the result of a cell")
        outputs, size = checked_outputs(answer[0])
        _need(type(answer[1]) is bool, "the result of a cell")
        _need(size <= (self.limits.cell_output_kb << 10) + _ROOM_FOR_ERRORS, "less output")
        self._left_bytes -= size
        _need(self._left_bytes >= 0, "less output")
        self._images_left -= sum(
            mime.startswith("image/") for o in outputs for mime in o.get("data", ())
        )
        _need(self._images_left >= 0, "fewer images")
        return CellResult(outputs, error=answer[1])

    def stand_in(self, name: str):
        """Return the student's object ``name``: a stand-in, or a value if it is plain.

        Raises
        ------
        NameError
            If the notebook does not define it; the message names the nearest name.
        """
        return self._remote.stand_in(name)

    def share(self, array):
        """Return an array that also lives in the session, for `course.check.shared`.

        A call is given the session's one; what is written into ours is written there
        before the next request.
        """
        return self._remote.share(array)

    def close(self) -> None:
        """End the session and every process that it has started."""
        self._end(SessionDied("the session was closed"))

    # ------------------------------------------------------------ the conversation

    def _alive(self) -> None:
        if self._left_s <= 0:
            said = _("used up the {seconds:g} s of a notebook")
            self._end(TimedOut(said.format(seconds=self.limits.notebook_time_s)))
        if self._ended is not None:
            raise type(self._ended)(str(self._ended))

    def _ask(self, action: str, arguments: tuple, label: str):
        """Do one thing for a check; the answer has to come in time."""
        where = (
            _("when the check called {name}").format(name=label)
            if label
            else _("when the check looked at it")
        )
        answer, late = self._request(action, arguments, self.limits.call_time_s, where)
        if late:
            raise _late(self.limits.call_time_s, where)
        return answer

    def _request(self, action: str, arguments: tuple, limit_s: float, where: str):
        """Send one request and serve the session until it has answered.

        Returns
        -------
        answer : object
        late : bool
            Whether it had to be interrupted; the session lives on.
        """
        self._alive()
        if self._depth >= CALLBACK_DEPTH:
            raise RecursionError("the student's code and the check call each other too deep")
        start = time.monotonic()
        self._depth += 1
        try:
            frame = self._remote.request(action, arguments)
            return self._converse(frame, start + min(limit_s, self._left_s), limit_s, where)
        except RemoteError:  # first: it may be an EOFError too, of the student's
            raise
        except EOFError:
            reason = self._death(where)
        except wire.WireError as error:
            reason = ProtocolError(f"sent the grader {error}, {where}")
        except (SessionDied, ProtocolError) as error:
            reason = error
        except Exception:
            raise
        except BaseException:
            # An interrupt of ours leaves half a conversation, with which nobody can go on.
            self._end(SessionDied("the grader was interrupted"))
            raise
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._left_s -= time.monotonic() - start
                self._calls = 0
        self._end(reason)
        raise self._ended

    def _converse(self, frame: bytes, deadline: float, limit_s: float, where: str):
        late, cause = False, None
        self._send(frame, deadline, limit_s, where)
        while True:
            try:
                raw = self._channel.receive(deadline)
            except TimeoutError:
                if late:
                    raise self._too_late(limit_s, where) from None
                late, deadline = True, time.monotonic() + self.limits.grace_s
                self._process.interrupt()
                continue
            message = wire.decode(raw, self._remote.incoming)
            _need(type(message) is tuple and len(message) >= 2, "a message")
            kind = message[0]
            if kind == "callback":
                _need(len(raw) <= CALLBACK_BYTES, "smaller arguments for the check's function")
                reply, cause = self._serve_callback(message, where)
                # The session waits for it, so it is not late yet; what it does next may be.
                self._send(reply, max(deadline, time.monotonic() + 1.0), limit_s, where)
                continue
            _need(kind in ("ok", "error") and len(message) == 2, "an answer")
            if kind == "ok":
                return message[1], late
            if late:
                raise _late(limit_s, where)
            raise error_from(message[1], self._sources, cause) from cause

    def _send(self, frame: bytes, deadline: float, limit_s: float, where: str) -> None:
        try:
            self._channel.send(frame, deadline)
        except TimeoutError:
            raise self._too_late(limit_s, where) from None

    def _serve_callback(self, message: tuple, where: str) -> tuple[bytes, Exception | None]:
        """Call the function that the check lent; return the reply, and what was raised."""
        _need(len(message) == 4 and type(message[1]) is int, "a callback")
        _kind, number, arguments, named = message
        _need(type(arguments) is tuple and type(named) is dict, "a callback")
        self._calls += 1
        if self._calls > self.limits.callbacks:
            raise ProtocolError(f"the function of the check was called {self._calls} times {where}")
        function, failed = self._remote.callback(number), None
        try:
            answer = ("result", function(*arguments, **named))
            frame = self._remote.encode(answer)
        except (Exception, SystemExit) as error:
            if self._ended is not None:
                raise
            failed = error if isinstance(error, Exception) else None
            frame = wire.encode(("failed", callback_message(error)))
        return frame, failed

    # ------------------------------------------------------------ the end

    def _too_late(self, limit_s: float, where: str) -> TimedOut:
        said = _("took longer than {seconds:g} s and could not be interrupted, {where}")
        self._end(TimedOut(said.format(seconds=limit_s, where=where)))
        return self._ended

    def _death(self, where: str) -> SessionDied:
        """End what is left of the session and say how it came to its end."""
        try:
            ending = self._process.end(ENDING_S)
        except SessionDied as error:
            return error
        if ending.too_large:
            said = _("used more than {megabytes} MB of memory {where}")
            return SessionDied(said.format(megabytes=self.limits.session_memory_mb, where=where))
        if not ending.by_itself:
            said = _("closed its connection to the grader {where}")
            return SessionDied(said.format(where=where))
        if ending.status >= 0:
            said = _("ended Python, as os._exit({status}) does, {where}")
            return SessionDied(said.format(status=ending.status, where=where))
        name = signal.strsignal(-ending.status) or "unknown"
        said = _("Python was ended by signal {number} ({name}) {where}")
        return SessionDied(said.format(number=-ending.status, name=name, where=where))

    def _end(self, reason: SessionError) -> None:
        """End the session for ``reason``; the first reason stays."""
        if self._ended is not None:
            return
        self._ended = reason
        self._channel.close()
        with contextlib.suppress(SessionDied):  # its server has ended, and it with it
            self._process.end()


def _late(seconds: float, where: str) -> TimedOut:
    said = _("took longer than {seconds:g} s, {where}")
    return TimedOut(said.format(seconds=seconds, where=where))


__all__ = ["CellResult", "Session", "StandIn", "checked_outputs"]
