"""Render every picture of `course.figures` to PNG, on a light and on a dark page, to look at.

    python tests/render_pictures.py [--out build/pictures] [--width 760] [NAME ...]

writes ``<name>-light.png`` and ``<name>-dark.png`` for each picture. Chromium opens one page a
theme: the pictures stand on it at known places, and the screenshot is cut there.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import shutil
import subprocess
import sys
import tempfile
from html import unescape
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from course import figures  # noqa: E402

THEMES = {
    "light": "background:#fff;color:#000;--jp-layout-color0:#fff;"
    "--jp-ui-font-color1:rgba(0,0,0,.87);color-scheme:light",
    "dark": "background:#111;color:#fff;--jp-layout-color0:#111;"
    "--jp-ui-font-color1:rgba(255,255,255,.87);color-scheme:dark",
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip


def plot_example() -> figures.Picture:
    """Return a plot, to see that matplotlib's lines, dots, images and texts follow the theme."""
    fig, (left, middle, right) = figures.subplots(7, 2.6, ncols=3)
    for i in range(4):
        left.plot([0, 1, 2, 3], [3 - 0.5 * i, 2 - i / 4, 1.2, 1 + 0.2 * i], label=f"run {i + 1}")
    left.set(title="Curves", xlabel="step", ylabel="loss")
    left.legend(fontsize=8)
    middle.imshow([[(i * j) % 7 for i in range(8)] for j in range(8)], cmap="gray_r")
    middle.set(title="An image")
    middle.grid(False)
    right.scatter([1, 2, 3, 4], [2, 1, 3, 2.5])
    right.bar([1, 2, 3, 4], [1, 0.4, 1.5, 0.8], alpha=0.5)
    right.semilogy()
    right.set(title="Bars and dots")
    return figures.plot(
        fig, alt="Curves, an image, bars and dots.", caption="A plot by matplotlib."
    )


def graph_example() -> figures.Picture:
    """Return a graph with a fork, a repeated input and a long line."""
    return figures.graph_picture(
        {
            "a": ("*", ("x", "x")),
            "b": ("exp", ("k",)),
            "c": ("*", ("a", "b")),
            "z": ("+", ("c", "x")),
        },
        {"x": 3, "k": 0.5, "a": 9, "b": 1.6487, "c": 14.8385, "z": 17.8385},
        {"x": 10.8923, "k": 14.8385, "a": 1.6487, "b": 9, "c": 1, "z": 1},
        title="A graph",
        alt="x times x is a, exp of k is b, a times b is c, c plus x is z.",
        caption="x is used three times.",
    )


def public_pictures() -> dict[str, figures.Picture]:
    """Return every picture that needs no argument, by its name, and examples of the others."""
    made = {}
    for name in figures.__all__:
        draw = getattr(figures, name)
        if inspect.isclass(draw) or name in ("graph_picture", "plot", "subplots"):
            continue
        made[name] = draw()
        option = inspect.signature(draw).parameters.get("backward")
        if option is not None:
            made[f"{name}-{'forward' if option.default else 'backward'}"] = draw(
                backward=not option.default
            )
    return made | {"graph_picture": graph_example(), "plot": plot_example()}


def browser() -> str | None:
    """Return the path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _chromium(page: Path, *options: str) -> bytes:
    with tempfile.TemporaryDirectory() as profile:
        command = [browser() or "chromium", *FLAGS, f"--user-data-dir={profile}", *options]
        run = subprocess.run(
            [*command, page.as_uri()], capture_output=True, timeout=120, check=True
        )
    return run.stdout


_MEASURE = """<script>
const out = {};
for (const d of document.querySelectorAll('[data-name]')) {
  const r = d.getBoundingClientRect();
  out[d.dataset.name] = [r.left, r.top + scrollY, r.right, r.bottom + scrollY];
}
document.body.insertAdjacentHTML('beforeend', '<pre id=places>' + JSON.stringify(out) + '</pre>');
</script>"""


def render(pictures: dict[str, figures.Picture], out: Path, width: int) -> list[Path]:
    """Write the PNG files and return their paths."""
    from PIL import Image

    out.mkdir(parents=True, exist_ok=True)
    written = []
    for theme, style in THEMES.items():
        body = "".join(
            f'<div data-name="{name}" style="padding:8px;overflow:hidden">{p._repr_html_()}</div>'
            for name, p in pictures.items()
        )
        html = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Pictures</title>'
            f'<body style="margin:0;width:{width}px;font:14px system-ui,sans-serif;{style}">{body}'
        )
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder, "page.html")
            page.write_text(html + _MEASURE, encoding="utf-8")
            # Chromium makes no window narrower than 500 pixels: the body is, the window is not.
            wide = max(width, 500)
            dom = _chromium(page, "--dump-dom", f"--window-size={wide},800").decode()
            places = json.loads(unescape(re.search(r"<pre id=.places.>(.*?)</pre>", dom, re.S)[1]))
            page.write_text(html, encoding="utf-8")
            shot = Path(folder, "page.png")
            height = int(max(p[3] for p in places.values())) + 20
            _chromium(page, f"--screenshot={shot}", f"--window-size={wide},{height}")
            with Image.open(BytesIO(shot.read_bytes())) as whole:
                for name, place in places.items():
                    path = out / f"{name}-{theme}.png"
                    whole.crop(tuple(round(x) for x in place)).save(path)
                    written.append(path)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="these pictures alone")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "pictures")
    parser.add_argument("--width", type=int, default=760, help="of the page, in pixels")
    arguments = parser.parse_args()
    if browser() is None:
        sys.exit(f"no browser found: install one of {', '.join(BROWSERS)}")
    pictures = public_pictures()
    unknown = set(arguments.names) - set(pictures)
    if unknown:
        sys.exit(
            f"no picture is called {', '.join(sorted(unknown))}; there are {', '.join(pictures)}"
        )
    chosen = {n: p for n, p in pictures.items() if not arguments.names or n in arguments.names}
    written = render(chosen, arguments.out, arguments.width)
    print(f"{len(written)} files in {arguments.out}")


if __name__ == "__main__":
    main()
