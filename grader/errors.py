"""What can go wrong: with the place where student code runs, and with a session, as one tree.

A session's messages are for the student and the instructor: they say what happened in the
notebook, never what a hidden check expects.
"""

from __future__ import annotations


class SandboxUnavailable(RuntimeError):
    """Raised when this host refuses what isolation needs; says what, and how to mend it."""


class ClusterUnavailable(RuntimeError):
    """Raised when a Dask cluster cannot be used; says why, and how to mend it."""


class SessionError(Exception):
    """Base of whatever keeps a session from answering."""


class SessionDied(SessionError):
    """Raised when the session's Python has ended; says how and in which cell."""


class TimedOut(SessionError):
    """Raised when a call took longer than its limit. The session may still be alive."""


class ProtocolError(SessionError):
    """Raised when the session sent what no session of ours sends. It has been ended."""


class RemoteError(SessionError):
    """Base of the errors that student code raised; see `grader.remote.error_from`.

    Attributes
    ----------
    type_name : str
        Name of the class in the session, such as ``'LinAlgError'``.
    cell_id, line, source_line : str, int, str
        Where in the student's notebook it was raised; ``''`` and 0 when nowhere there.
    where : str
        The same in words, to put at the end of a message: ``' (line 3 of your cell: ...)'``.
    """

    type_name = ""
    cell_id = ""
    line = 0
    source_line = ""
    where = ""

    def __str__(self) -> str:  # KeyError would put its message in quotes
        return str(self.args[0]) if self.args else ""
