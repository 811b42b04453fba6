"""One JupyterLab for all tests of this folder."""

from __future__ import annotations

import os

import pytest
from chromium import executable

from lab.harness import JupyterLab


# Not for the whole session: while Playwright is at work its event loop counts as running in this
# thread, and tests of other folders could not start one.
@pytest.fixture(scope="package")
def lab(tmp_path_factory, axe):
    """A JupyterLab with one page; `lab.open("cell", ...)` opens a notebook in it."""
    if executable() is None:
        assert not os.environ.get("CI"), "Chromium is needed for the tests of the widgets"
        pytest.skip("no Chromium on this machine")
    with JupyterLab(tmp_path_factory.mktemp("lab"), axe) as running:
        yield running


def pytest_collection_modifyitems(items):
    """Whatever needs the browser and a kernel is slow."""
    for item in items:
        if "lab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
