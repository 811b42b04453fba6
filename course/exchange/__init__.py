"""nbgrader's exchange over HTTP: the classroom service instead of a folder that all may write.

nbgrader hands work to and fro in a folder to which every student can write; whoever can
write there can forge. These classes take its place: the Assignment List, Formgrader and
``nbgrader list``, ``fetch_assignment``, ``submit``, ``fetch_feedback``, ``release_assignment``,
``collect`` and ``release_feedback`` work as they do, and talk to the classroom service. Who
somebody is, and what they may do, the service learns from JupyterHub by the token of their
server. Nothing here is secret: students have this package.
"""

from __future__ import annotations

from nbgrader.exchange import ExchangeError

from ._base import URL_VARIABLE, Exchange
from ._collect import ExchangeCollect
from ._list import ExchangeList
from ._release import ExchangeReleaseAssignment, ExchangeReleaseFeedback
from ._student import ExchangeFetchAssignment, ExchangeFetchFeedback, ExchangeSubmit

__all__ = [
    "URL_VARIABLE",
    "Exchange",
    "ExchangeCollect",
    "ExchangeError",
    "ExchangeFetchAssignment",
    "ExchangeFetchFeedback",
    "ExchangeList",
    "ExchangeReleaseAssignment",
    "ExchangeReleaseFeedback",
    "ExchangeSubmit",
    "configure",
]


def configure(c) -> None:
    """Make nbgrader use the classroom service; for an ``nbgrader_config.py``.

    Parameters
    ----------
    c : traitlets.config.Config
        Gets the classes of ``ExchangeFactory``. Where the service is, the environment says
        (``COURSE_EXCHANGE_URL``), or ``c.Exchange.url``.
    """
    names = {
        "exchange": Exchange,
        "list": ExchangeList,
        "fetch_assignment": ExchangeFetchAssignment,
        "submit": ExchangeSubmit,
        "fetch_feedback": ExchangeFetchFeedback,
        "release_assignment": ExchangeReleaseAssignment,
        "collect": ExchangeCollect,
        "release_feedback": ExchangeReleaseFeedback,
    }
    for name, kind in names.items():
        # by name: nbgrader prints its settings and writes them to files
        setattr(c.ExchangeFactory, name, f"{__name__}.{kind.__name__}")
