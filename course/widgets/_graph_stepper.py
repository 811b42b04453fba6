"""Step through any computational graph: values forward, gradients backward, the rule in words."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

import traitlets

from course.figures import _text
from course.figures._any_graph import _SHOWN, _label, shown
from course.figures._diagram import Node, draw
from course.figures._picture import picture
from course.figures._svg import Canvas, number
from course.graph import Graph

from ._chain import OPS as OPS_SOURCE
from ._chain import is_constant
from ._strip import INK
from ._widget import Widget, esm, read
from ._words import _, in_the_readers_language

_NARROWEST = "0.0000"  # what every label has room for
_MOST_SLIDERS = 8

RULES = {
    "+": "{a} + {b}", "-": "{a} − {b}", "*": "{a} × {b}", "/": "{a} ÷ {b}", "square": "{b}²",
    "exp": "exp({a})", "log": "log({a})", "sin": "sin({a})", "relu": "relu({a})",
}  # fmt: skip
"""What a node does, ``{a}`` and ``{b}`` its first and its last input."""

WORDS = {
    "start": _("The inputs have their values. Nothing is computed yet."),
    "forward": _("Forward, {node}: {rule} = {result}."),
    "seed": _("Now backward, from the end: {ratio} = 1."),
    "whole": _("Back through {node} to {source}: {how}. Upstream {up} × local {local} = {sent} = {ratio}."),
    "share": _("Back through {node} to {source}: {how}. Upstream {up} × local {local} = {sent}, one share of {ratio}."),
    "sum": _("{source} is used {count} times, so its shares add up: {sum} = {total} = {ratio}."),
    "how +": _("copied, a + node hands on what comes back"),
    "how -0": _("copied, a − node hands what comes back to its first input"),
    "how -1": _("copied with its sign turned, for {source} is subtracted"),
    "how *": _("swapped, the local gradient is the other input, {other}"),
    "how /0": _("the local gradient is 1 ÷ {b}"),
    "how /1": _("the local gradient is −{a} ÷ {b}²"),
    "how square": _("the local gradient is 2 × {b}"),
    "how exp": _("the local gradient is exp({a}), the value itself"),
    "how log": _("the local gradient is 1 ÷ {b}"),
    "how sin": _("the local gradient is cos({a})"),
    "how relu on": _("let through by the mask, for {a} is above 0"),
    "how relu off": _("blocked by the mask, for {a} is not above 0"),
    "no value": _("no value"),
    "picture so far": _("The graph so far. {values}"),
    "values": _("Values: {list}."),
    "gradients": _("Gradients: {list}."),
    # the buttons and the fields
    "mode": _("Mode"),
    "watch": _("Watch"),
    "fill": _("Fill in"),
    "inputs": _("Inputs"),
    "clear": _("Start again"),
    # filling in
    "invite": _("Type the number for the marked box, or choose another ?. 2/3 and 2*1.1 are fine too."),
    "ask value": _("Value of {name}"),
    "ask share": _("Share of {ratio} through {node}"),
    "ask share slot": _("Share of {ratio} through input {slot} of {node}"),
    "unknown": _("unknown"),
    "chosen": _("{what} = ?"),
    "right": _("Right."),
    "wrong": _("{got} is not right."),
    "shown": _("Shown:"),
    "progress": _("{done} of {all} filled in"),
    "finished": _("All filled in."),
    "hint forward": _("The node {node} computes {rule}. What stands on its inputs?"),
    "hint back": _("Take what comes back to {node} from upstream, times the local gradient {ratio}."),
    "hint seed": _("How much does {out} grow when {out} itself grows by 1?"),
    "hint sum": _("{source} is used {count} times: add its shares."),
    "hint upstream": _("That is the local gradient alone: what comes from upstream has to be multiplied with it."),
    "hint swap": _("That is upstream times {source} itself: a × node swaps, the other input counts."),
    "hint copy": _("You handed on what came from upstream; a node of this kind changes it."),
    "hint sign": _("The size is right: look at the sign."),
    "hint share": _("That is one share: {source} has {count} of them."),
}  # fmt: skip


class GraphStepper(Widget):
    """A graph that is stepped through, or filled in; see `graph_stepper`."""

    WORDS = WORDS
    _esm = OPS_SOURCE + esm("graph_stepper.mjs")
    _css = Widget._css + read("graph_stepper.css")

    plan = traitlets.Dict().tag(sync=True)
    inputs = traitlets.Dict().tag(sync=True)
    sliders = traitlets.List().tag(sync=True)
    drawing = traitlets.Unicode().tag(sync=True)
    mode = traitlets.Enum(["watch", "fill"], "watch").tag(sync=True)
    blanks = traitlets.Enum(["both", "values", "gradients"], "both").tag(sync=True)

    def frames(self) -> list[Frame]:
        """Return what each step shows, from the inputs alone to the last gradient."""
        return list(_frames(self.plan, self.inputs, self.words))

    def text(self) -> str:
        """Return the sentences of all steps, one a line."""
        return "\n".join([self.title, *(f.sentence for f in self.frames())])

    def strip(self) -> list[tuple[Element, str]]:
        """Return the start, the end of either sweep, and some steps on the way."""
        frames = self.frames()
        turn = next((i for i, f in enumerate(frames) if f.step["do"] == "seed"), len(frames))
        end = len(frames) - 1
        if turn < end:
            chosen = {0, 1, turn - 1, turn + 1, (turn + end + 1) // 2, end}
        else:
            chosen = {round(i * end / min(end, 3)) for i in range(min(end, 3) + 1)}
        return [(self._still(frames[i]), frames[i].sentence) for i in sorted(chosen)]

    def _still(self, frame: Frame) -> Element:
        svg = fromstring(self.drawing)
        for parent in list(svg.iter()):
            for group in [g for g in parent if "data-part" in g.attrib]:
                part, of = group.get("data-part"), group.get("data-of")
                number = part in ("value", "gradient")
                known = frame.grads if part in ("gradient", "gradient-line") else frame.values
                now = (part, of) in frame.now
                if part in ("value-line", "fork") and of not in known:
                    group.set("opacity", "0.3")
                elif (number or part == "gradient-line") and of not in known:
                    parent.remove(group)
                elif number:
                    _set_label(group, shown(known[of]), now)
                elif part == "node" and now:
                    group[0].set("style", "stroke-width:3.4;fill-opacity:.16")
        return svg


@dataclass(frozen=True)
class Frame:
    """What is known at one step.

    Attributes
    ----------
    step : dict
        The step, as the plan has it.
    sentence : str
        The rule at work, with its numbers.
    values, grads : dict
        What stands above and below the arrows, by the part's ``data-of``.
    now : set of (str, str)
        The parts that this step is about.
    """

    step: Mapping[str, Any]
    sentence: str
    values: Mapping[str, float]
    grads: Mapping[str, float]
    now: frozenset[tuple[str, str]]


def graph_stepper(
    graph: Graph | Mapping[str, tuple[str, tuple[str, ...]]],
    inputs: Mapping[str, float],
    *,
    title: str = "",
    backward: bool = True,
    mode: str = "watch",
    blanks: str = "both",
    sliders: bool | Mapping[str, tuple[float, float, float]] = True,
    labels: Mapping[str, str] | None = None,
) -> GraphStepper:
    """Return a graph to step through: node by node forward, then edge by edge backward.

    Parameters
    ----------
    graph : Graph or mapping
        ``{name: (op, inputs)}``. An input whose name is a number, such as ``"3"``, is a constant.
    inputs : mapping
        The value of every input.
    title : str, optional
        What the graph is about, in a few words.
    backward : bool
        Whether there is a backward sweep.
    mode : {"watch", "fill"}
        Whether it starts by showing, or by asking for, the numbers. The reader can change it.
    blanks : {"both", "values", "gradients"}
        What is asked for when the reader fills in.
    sliders : bool or mapping
        Whether the inputs can be changed; or ``{input: (least, most, step)}`` for some of them.
    labels : mapping, optional
        What to write in the picture instead of a name, with a newline between lines.

    Raises
    ------
    KeyError
        If an input has no value; the message names every one that is missing.
    EngineOff
        In a graded run: an exercise asks for what the picture shows.

    Examples
    --------
    >>> bill = {"subtotal": ("*", ("price", "n")), "total": ("*", ("subtotal", "tax"))}
    >>> stepper = graph_stepper(bill, {"price": 100, "n": 2, "tax": 1.1}, title="Two apples")
    >>> print(stepper.frames()[-1].sentence)
    Back through subtotal to n: swapped, the local gradient is the other input, 100. Upstream 1.1 × local 100 = 110 = d total / d n.
    """
    graph = graph if isinstance(graph, Graph) else Graph(graph)
    constants = {leaf: float(leaf) for leaf in graph.leaves if is_constant(leaf)}
    start = {leaf: inputs[leaf] for leaf in graph.leaves if leaf in inputs} | constants
    graph.forward(start)  # says which input has no value, and refuses in a graded run
    plan = _plan(graph, backward)
    start = {name: float(start[name]) for name in graph.leaves}
    ways = _sliders(graph, start, sliders, constants)
    title = title or _("The graph of {name}").format(name=plan["out"])
    return GraphStepper(
        title=title,
        plan=plan,
        inputs=start,
        sliders=ways,
        drawing=_markup(_canvas(plan, start, ways, labels or {})),
        mode=mode,
        blanks=blanks if backward else "values",
    )


# ---------------------------------------------------------------- the plan: steps without numbers


def _plan(graph: Graph, backward: bool) -> dict[str, Any]:
    """Return the graph and its steps as plain data, numbers left out."""
    order = graph.order()
    out = order[-1]
    constants = [leaf for leaf in graph.leaves if is_constant(leaf)]
    leading = {out}  # the names that the output depends on
    for name in reversed(order):
        if name in leading:
            leading.update(graph.nodes[name][1])
    uses: dict[str, list[tuple[str, int]]] = {}
    for name in order:
        for slot, source in enumerate(graph.nodes[name][1]):
            uses.setdefault(source, []).append((name, slot))
    steps: list[dict[str, Any]] = [{"do": "start"}]
    steps += [{"do": "forward", "node": name} for name in order]
    vias: dict[str, str] = {}
    if backward:
        steps.append({"do": "seed"})
        waiting = {s: [u for u in us if u[0] in leading] for s, us in uses.items()}
        arrived: dict[str, list[str]] = {}
        for name in reversed([n for n in order if n in leading]):
            for slot, source in enumerate(graph.nodes[name][1]):
                if source in constants:
                    continue
                forked = len(uses[source]) > 1
                wire = f"{source} > {name} {slot}" if forked else source
                if forked:
                    vias[wire] = source
                steps.append(
                    {"do": "back", "node": name, "slot": slot, "source": source, "wire": wire}
                )
                arrived.setdefault(source, []).append(wire)
                if forked and len(arrived[source]) == len(waiting[source]):
                    steps.append(
                        {"do": "sum", "source": source, "wires": arrived[source], "wire": source}
                    )
    return {
        "out": out,
        "leaves": list(graph.leaves),
        "constants": constants,
        "nodes": [[n, graph.nodes[n][0], list(graph.nodes[n][1])] for n in order],
        "given": list(graph.nodes),
        "uses": {s: len(u) for s, u in uses.items()},
        "vias": vias,
        "backward": backward,
        "rules": RULES,
        "steps": steps,
    }


# ---------------------------------------------------------------- numbers and sentences


def _bracketed(x: float) -> str:
    """Return a number as it stands behind a sign: a negative one in brackets."""
    return f"({shown(x)})" if x < 0 else shown(x)


def _ratio(out: str, name: str) -> str:
    """Return the derivative of ``out`` with respect to ``name`` as it is written in a line.

    >>> _ratio("z", "x1"), _ratio("total", "price")
    ('dz/dx1', 'd total / d price')
    """
    short = re.compile(r"[A-Za-z]_?\d{0,2}").fullmatch
    return f"d{out}/d{name}" if short(out) and short(name) else f"d {out} / d {name}"


def _rule(op: str, operands: Sequence[str]) -> str:
    return RULES[op].format(a=operands[0], b=operands[-1])


def _how(
    step: Mapping[str, Any], op: str, values: Sequence[float], words: Mapping[str, str]
) -> str:
    """Return in words how a node's local gradient comes about."""
    slot = step["slot"]
    key = f"{op}{slot}" if op in "-/" else op
    if op == "relu":
        key = "relu on" if values[0] > 0 else "relu off"
    return words[f"how {key}"].format(
        a=shown(values[0]) if op != "/" else _bracketed(values[0]),
        b=_bracketed(values[-1]),
        other=shown(values[1 - slot] if len(values) > 1 else values[0]),
        source=step["source"],
    )


def _frames(
    plan: Mapping[str, Any], inputs: Mapping[str, float], words: Mapping[str, str]
) -> Iterator[Frame]:
    """Yield the frames. `graph_stepper.mjs` does the same in the browser; a test compares them."""
    from course._engine.graphs import OPS

    nodes = {name: (op, names) for name, op, names in plan["nodes"]}
    out = plan["out"]
    values: dict[str, float] = dict(inputs)
    grads: dict[str, float] = {}
    for step in plan["steps"]:
        do = step["do"]
        if do == "start":
            sentence = words["start"]
            now = {("value", leaf) for leaf in plan["leaves"]}
        elif do == "forward":
            name = step["node"]
            op, names = nodes[name]
            operands = [values[n] for n in names]
            values[name] = OPS[op].value(*operands)
            rule = _rule(op, [shown(operands[0]), _bracketed(operands[-1])])
            sentence = words["forward"].format(node=name, rule=rule, result=shown(values[name]))
            now = {("node", name), ("value", name)}
        elif do == "seed":
            grads[out] = 1.0
            sentence = words["seed"].format(ratio=_ratio(out, out))
            now = {("gradient", out)}
        elif do == "back":
            name, source, wire = step["node"], step["source"], step["wire"]
            op, names = nodes[name]
            operands = [values[n] for n in names]
            local = OPS[op].local(*operands)[step["slot"]]
            grads[wire] = grads[name] * local
            sentence = words["share" if wire in plan["vias"] else "whole"].format(
                node=name, source=source, how=_how(step, op, operands, words),
                up=shown(grads[name]), local=_bracketed(local), sent=shown(grads[wire]),
                ratio=_ratio(out, source),
            )  # fmt: skip
            now = {("node", name), ("gradient", name), ("gradient", wire)}
        else:
            source, wires = step["source"], step["wires"]
            grads[source] = sum(grads[w] for w in wires)
            added = [shown(grads[wires[0]]), *(_bracketed(grads[w]) for w in wires[1:])]
            sentence = words["sum"].format(
                source=source, count=plan["uses"][source], sum=" + ".join(added),
                total=shown(grads[source]), ratio=_ratio(out, source),
            )  # fmt: skip
            now = {("gradient", source), *(("gradient", w) for w in wires)}
        yield Frame(step, sentence, dict(values), dict(grads), frozenset(now))


# ---------------------------------------------------------------- the inputs


def _sliders(
    graph: Graph,
    start: Mapping[str, float],
    wanted: bool | Mapping[str, tuple[float, float, float]],
    constants: Mapping[str, float],
) -> list[list]:
    """Return ``[name, least, most, step]`` for each input that can be changed."""
    if isinstance(wanted, Mapping):
        unknown = set(wanted) - set(graph.leaves)
        if unknown:
            raise ValueError(f"no input of the graph is called {', '.join(sorted(unknown))}")
        return [[name, *map(float, way)] for name, way in wanted.items()]
    names = [leaf for leaf in graph.leaves if leaf not in constants]
    if not wanted or len(names) > _MOST_SLIDERS:
        return []
    return [[name, *_reach(start[name])] for name in names]


def _reach(value: float) -> tuple[float, float, float]:
    """Return the least and the most of a slider, and a step that hits the start value.

    >>> _reach(100), _reach(2), _reach(1.1), _reach(-0.5), _reach(0)
    ((10.0, 200.0, 10.0), (1.0, 5.0, 1.0), (0.1, 2.2, 0.1), (-1.0, 1.0, 0.01), (-2.0, 2.0, 0.1))
    """
    if value == 0:
        return -2.0, 2.0, 0.1
    size, whole = abs(value), float(value).is_integer()
    step = 10.0 ** (math.floor(math.log10(size)) - 1)
    step = max(step, 1.0) if whole else step
    most = max(2.0 * size, 5.0 if whole else 0.0)
    # A positive input stays positive: prices, and what a log takes, have no other sense.
    below = math.floor((value - (step if value > 0 else -most)) / step + 1e-9)
    return round(value - below * step, 10), most, round(step, 10)


# ---------------------------------------------------------------- the picture


def _canvas(
    plan: Mapping[str, Any],
    start: Mapping[str, float],
    sliders: Sequence[Sequence],
    labels: Mapping[str, str],
) -> Canvas:
    """Draw the graph with room for the longest number that each label may have to hold."""
    nodes, sizes = [], _longest(plan, start, sliders)
    ops = {name: (op, names) for name, op, names in plan["nodes"]}
    back = {s["wire"] for s in plan["steps"] if s["do"] in ("back", "sum")} | {plan["out"]}
    if not plan["backward"]:
        back = set()

    def inputs(name: str) -> tuple[str, ...]:
        wires = [f"{source} > {name} {slot}" for slot, source in enumerate(ops[name][1])]
        return tuple(
            w if w in plan["vias"] else s for w, s in zip(wires, ops[name][1], strict=True)
        )

    for name in (*plan["leaves"], *plan["given"]):
        leaf = name not in ops
        constant = name in plan["constants"]
        ends = name not in plan["uses"]
        text = shown(start[name]) if constant else _label(name)
        if name in labels:
            text = _(labels[name])
        nodes.append(Node(
            name,
            text if leaf else _SHOWN.get(ops[name][0], ops[name][0]),
            () if leaf else inputs(name),
            "text" if leaf else "op",
            name="" if leaf or ends else text,
            value="" if constant else sizes["value", name],
            grad=sizes.get(("gradient", name), "") if name in back else "",
        ))  # fmt: skip
        if ends:
            nodes.append(Node(f"end of {name}", text, (name,), "text"))
    nodes += [
        Node(via, "", (source,), "via", grad=sizes["gradient", via])
        for via, source in plan["vias"].items()
    ]
    return draw(nodes, gap=14, marked=True)


def _markup(canvas: Canvas) -> str:
    """Return the ``<svg>`` with a plate behind every number; the page brings style and name."""
    svg = picture("stepper", canvas, title="-", alt="-", caption="-").element().find("svg")
    for group in svg.iter("g"):
        if group.get("data-part") in ("value", "gradient"):
            group.insert(0, _plate(group))
    for child in [c for c in svg if c.tag in ("style", "title", "desc")]:
        svg.remove(child)
    del svg.attrib["role"], svg.attrib["aria-labelledby"]
    least = 0.7 * float(svg.get("width"))  # smaller than this and it scrolls
    svg.set("style", f"display:block;max-width:100%;min-width:{least:.0f}px;height:auto")
    return tostring(svg, encoding="unicode")


def _plate(group: Element) -> Element:
    left, top, width, height = map(float, group.get("data-box").split())
    return Element("rect", {
        "class": "plate", "x": number(left - 4), "y": number(top - 2), "rx": "4",
        "width": number(width + 8), "height": number(height + 2), "fill": "none",
    })  # fmt: skip


def _set_label(group: Element, text: str, now: bool) -> None:
    plate, label = group
    label[0].text = text
    if now:
        plate.set("stroke", INK)
        if group.get("data-part") == "gradient":
            plate.set("stroke-dasharray", "4 3")


def _longest(
    plan: Mapping[str, Any], start: Mapping[str, float], sliders: Sequence[Sequence]
) -> dict[tuple[str, str], str]:
    """Return the longest number that each label may have to hold, by part and name.

    The corners of what the sliders reach stand for all that lies between them.
    """
    words = in_the_readers_language(WORDS)
    corners = itertools.product(*([(n, x) for x in (low, high)] for n, low, high, _ in sliders))
    found: dict[tuple[str, str], str] = {}
    for corner in itertools.islice(itertools.chain([()], corners), 65):
        try:
            *_, last = _frames(plan, {**start, **dict(corner)}, words)
        except (ArithmeticError, ValueError):
            continue  # a logarithm of a negative number: the label says so in words
        for part, numbers in (("value", last.values), ("gradient", last.grads)):
            for name, x in numbers.items():
                text = max(shown(x), found.get((part, name), _NARROWEST), key=_width)
                found[part, name] = text
    return found


def _width(text: str) -> float:
    return _text.extent(text, 16)[0]
