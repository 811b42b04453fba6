"""Tests of the widgets in a real JupyterLab; a package, so that one server serves all of them."""
