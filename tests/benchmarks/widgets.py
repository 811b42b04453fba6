"""A step of a widget in the browser: from the key to the painted picture.

In a real JupyterLab, in headless Chromium, real keys go to each stepper and each slider. The time of
a step runs from the key event's own time stamp to the first task after the next frame: a message
posted from requestAnimationFrame arrives when that frame's style, layout and paint are done. The
browser does not wait for the screen's 60 Hz meanwhile; else up to 16.7 ms would be counted
that no code of ours can change.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from figure import Figure

sys.path.append(str(Path(__file__).parents[1]))

from chromium import executable
from lab.calls import CALLS, cell
from lab.harness import JupyterLab

STEPS = 60
UNCAPPED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")

# Notes the milliseconds of each key.
_LISTEN = """() => {
  window.stepTimes = [];
  window.addEventListener('keydown', event => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => window.stepTimes.push(performance.now() - event.timeStamp);
    port2.postMessage(null);
  }), true);
}"""
# Which key moves a control next: a stepper turns back at its ends, a slider each time.
_NEXT = """(control, key) => {
  if (!control.matches('button')) return key === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft';
  if (control.ariaDisabled === 'true') return 'ArrowLeft';
  const first = control.parentElement.querySelector('[data-key=first]');
  return first.ariaDisabled === 'true' ? 'ArrowRight' : key;
}"""
_MOVABLE = "input[type=range], [role=slider], :has(> [data-key=first]) > [data-key=step]"


def _steps(page, control) -> list[float]:
    """Return how long each of a number of steps took: to and fro with a slider, a stepper's way."""
    page.evaluate("stepTimes.length = 0")
    control.focus()
    key = "ArrowRight"
    for done in range(STEPS):
        page.keyboard.press(key)
        page.wait_for_function("n => stepTimes.length > n", arg=done)
        key = control.evaluate(_NEXT, key)
    return page.evaluate("stepTimes")


def widgets() -> Iterator[Figure]:
    """Median and 95th percentile of a step, of each widget that has a stepper or sliders."""
    if executable() is None:
        print("widgets: no Chromium on this machine", file=sys.stderr)
        return
    everything = []
    with (
        tempfile.TemporaryDirectory() as folder,
        JupyterLab(Path(folder), options=UNCAPPED) as lab,
    ):
        lab.page.evaluate(_LISTEN)
        for name in CALLS:
            notebook = lab.open(cell(name))
            notebook.widget.wait_for()
            times = []
            for control in notebook.widget.locator(_MOVABLE).all():
                if control.is_visible():
                    times += _steps(lab.page, control)
            if not times:
                continue
            everything += times
            yield Figure(f"{name}_step_median", statistics.median(times), "ms", "below 16")
            yield Figure(f"{name}_step_p95", _p95(times), "ms", "below 50")
    yield Figure("widget_step_median", statistics.median(everything), "ms", "below 16")
    yield Figure("widget_step_p95", _p95(everything), "ms", "below 50")


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
