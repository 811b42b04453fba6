"""A running classroom for the tests of a module."""

from __future__ import annotations

import os

import pytest

from grader.sandbox import available

from .harness import Classroom


@pytest.fixture(scope="module")
def classroom(request, tmp_path_factory):
    """A running classroom, one for all tests of a module.

    ``pytest.mark.parametrize("classroom", [{"hub": "5"}], indirect=True, scope="module")``
    gives it other options, those of `Classroom`.
    """
    if refused := available():
        assert not os.environ.get("CI"), refused
        pytest.skip(str(refused))
    options = getattr(request, "param", {})
    with Classroom(tmp_path_factory.mktemp("classroom"), **options) as running:
        yield running


def pytest_collection_modifyitems(items):
    """Whatever needs a Hub is slow, and runs by itself."""
    for item in items:
        if "/classroom/" in str(item.path):
            item.add_marker(pytest.mark.classroom)
            item.add_marker(pytest.mark.slow)
