"""Compare two pictures of a page as an eye does: where, and how much, do they differ?"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

# Of 255, after a blur of 3 x 3 pixels. Letters half a pixel aside are NEAR everywhere and FAR
# nowhere; another figure in a number is FAR in ten pixels.
NEAR, FAR = 24, 48
MOST_NEAR = 0.002  # of all pixels
MOST_FAR = 6  # pixels
GROW = 2  # pixels that a picture may be wider or higher: a rounded line height


def pixels(png: bytes) -> np.ndarray:
    """Return a PNG as an array of shape (height, width, 3), from 0 to 255."""
    with Image.open(BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"), dtype=float)


def blurred(image: np.ndarray) -> np.ndarray:
    """Return the mean over 3 x 3 pixels."""
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = image.shape[:2]
    return sum(padded[i : i + height, j : j + width] for i in range(3) for j in range(3)) / 9


def difference(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Return how far two pictures of one shape are apart at each pixel.

    >>> white = np.full((20, 20, 3), 255.0)
    >>> box = white.copy(); box[5:10, 5:10] = 0
    >>> float(difference(white, white).max()), int((difference(box, white) > FAR).sum()) >= 25
    (0.0, True)
    """
    return np.abs(blurred(got) - blurred(want)).max(axis=2)


def compare(got: bytes, golden: Path, to: Path) -> None:
    """Fail where a picture differs from a golden one by more than two machines do.

    Parameters
    ----------
    got : bytes
        A PNG.
    golden : Path
    to : Path
        The folder for got, want and the difference, should there be one.
    """
    to.mkdir(parents=True, exist_ok=True)
    (to / f"{golden.stem}-got.png").write_bytes(got)
    assert golden.exists(), (
        f"there is no {golden.name} yet: look at {to / golden.stem}-got.png, then `make goldens`"
    )
    a, b = pixels(got), pixels(golden.read_bytes())
    height, width = (min(a.shape[i], b.shape[i]) for i in (0, 1))
    other_size = max(abs(a.shape[i] - b.shape[i]) for i in (0, 1)) > GROW
    apart = difference(a[:height, :width], b[:height, :width])
    near, far = (apart > NEAR).mean(), int((apart > FAR).sum())
    if other_size or near > MOST_NEAR or far > MOST_FAR:
        (to / f"{golden.stem}-want.png").write_bytes(golden.read_bytes())
        shown = 0.3 * a[:height, :width] + 0.7 * 255
        shown[apart > NEAR] = (214, 39, 40)
        Image.fromarray(shown.astype(np.uint8)).save(to / f"{golden.stem}-difference.png")
        raise AssertionError(
            f"{golden.name}: {near:.2%} of the picture differs, {far} pixels clearly; got {a.shape[1]} x {a.shape[0]}, "
            f"want {b.shape[1]} x {b.shape[0]} pixels. See {to / golden.stem}"
            "-{got,want,difference}.png; if the new one is meant, `make goldens`"
        )
    (to / f"{golden.stem}-got.png").unlink()
