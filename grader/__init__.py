"""The grader of the back-propagation course: what an instructor runs.

>>> import grader
>>> result = grader.check("04-activations.ipynb")  # doctest: +SKIP
>>> result.score, result.max  # doctest: +SKIP
(11.2, 16.0)
"""

from importlib import import_module

__version__ = "0.1.0"
__all__ = ["CheckResult", "Result", "SubmissionError", "check"]

_HOMES = {"check": "grading", "Result": "grading", "CheckResult": "grading"}


def __getattr__(name: str):
    # Late, so that `import grader.units` does not load a kernel client with it.
    if name in __all__:
        return getattr(import_module(f".{_HOMES.get(name, 'submission')}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
