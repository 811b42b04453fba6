"""The comparison of pictures: what it lets through, what it does not, and what it says."""

from __future__ import annotations

import ast
import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lab.harness import GOLDENS
from lab.pictures import compare, pixels

TESTS = Path(__file__).parent


def png(text: str, shift: float = 0.0, size: tuple[int, int] = (900, 500)) -> bytes:
    """Return a page with a few words, all moved to the right by part of a pixel."""
    image = Image.new("RGB", (size[0] * 4, size[1] * 4), "white")
    ImageDraw.Draw(image).text((40 + 4 * shift, 40), text, "black", font_size=56)
    image = image.resize(size, Image.Resampling.BOX)
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def golden(tmp_path):
    path = tmp_path / "words-light.png"
    path.write_bytes(png("upstream 1.1 x local 200 = 220"))
    return path


@pytest.mark.parametrize(
    "got",
    [png("upstream 1.1 x local 200 = 220"), png("upstream 1.1 x local 200 = 220", 0.25)],
    ids=["same", "a quarter of a pixel"],
)
def test_the_same_picture_passes_and_leaves_no_file(golden, tmp_path, got):
    compare(got, golden, tmp_path / "to")
    assert not list((tmp_path / "to").iterdir())


@pytest.mark.parametrize(
    "got",
    [png("upstream 1.1 x local 200 = 280"), png("upstream 1.1 x local 200 = 220", 2),
     png("upstream 1.1 x local 200 = 220", size=(900, 510))],
    ids=["one figure", "moved", "higher"],
)  # fmt: skip
def test_another_picture_fails_and_shows_where(golden, tmp_path, got):
    with pytest.raises(AssertionError, match=r"words-light\.png: .* differs.*make goldens"):
        compare(got, golden, tmp_path / "to")
    made = {path.name for path in (tmp_path / "to").iterdir()}
    assert made == {f"words-light-{what}.png" for what in ("got", "want", "difference")}
    difference = np.asarray(Image.open(tmp_path / "to" / "words-light-difference.png"))
    red = (difference == (214, 39, 40)).all(axis=2)
    assert red.any() == (pixels(got).shape[0] == 500), "the words stand where they stood"


def test_a_picture_without_a_golden_one_fails(tmp_path):
    with pytest.raises(AssertionError, match="there is no new-dark.png yet"):
        compare(png("new"), tmp_path / "new-dark.png", tmp_path / "to")


def names_of_goldens(source: str) -> list[str]:
    """Return what a test file calls its golden pictures, as patterns.

    >>> names_of_goldens('notebook.golden(f"mask-{state}", widget)')
    ['mask\\\\-.+']
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "golden":
            parts = getattr(node.args[0], "values", [node.args[0]])
            found.append(
                "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in parts)
            )
    return found


def test_each_golden_picture_belongs_to_a_test():
    """A picture that is compared with nothing would stay for ever."""
    names = [
        n for path in TESTS.glob("test_*.py") for n in names_of_goldens(path.read_text("utf-8"))
    ]
    pattern = re.compile(f"({'|'.join(names)})-(light|dark)")
    assert [p.stem for p in sorted(GOLDENS.glob("*.png")) if not pattern.fullmatch(p.stem)] == []
