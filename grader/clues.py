"""What can be said of wrong results for which no known mistake has a name.

A check tells the first thing that it met. A transcript has all calls beside what the
reference gives in each, and so shows what a single value cannot: that ``dx`` equals the
upstream gradient in every call, that plain numbers work and arrays do not, that the second
call differs from the first. What holds in all wrong calls is told, the most telling first.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from course.facts import Fact, facts, show

from .language import N_, _, joined
from .replay import ALIKE, SAME, Leaf, Name, Script, Step, distance

NOT_WRITTEN = ("error", "NotImplementedError")  # the kind and the value of a `Leaf`
LINES = 8  # at most a screen, with what the checks say themselves
ORDER = (
    "name", "attribute", "error", "type", "shape", "dtype", "mutated", "repeat", "factor",
    "transposed", "input", "other", "formula", "finite", "zero", "shift", "sign", "size", "rough",
    "where", "place", "element",
)  # fmt: skip
_KINDS = {
    "none": N_("None: is a return or an assignment missing?"),
    "text": N_("a text"),
    "bool": N_("True or False"),
    "number": N_("a number or an array"),
    "items": N_("several values"),
    "keys": N_("a dictionary"),
    "error": N_("an error"),
}


@dataclass
class Instance:
    """One result, the student's and the right one, and where it came from."""

    number: int
    step: Step
    got: Leaf
    right: Leaf
    owner: Name | None
    given: dict[str, object]
    others: dict[str, object]
    wrong: bool = False


@dataclass
class Result:
    """All instances of what goes by one name, such as ``dx`` of ``backward``."""

    name: str
    instances: list[Instance] = field(default_factory=list)

    @property
    def wrong(self) -> list[Instance]:
        """The instances in which the student's is not the right one."""
        return [i for i in self.instances if i.wrong]

    @property
    def fine(self) -> list[Instance]:
        """The instances in which it is."""
        return [i for i in self.instances if not i.wrong]


# ---------------------------------------------------------------- names for things


@dataclass(frozen=True)
class Signature:
    """What the reference calls the inputs and the results of a function."""

    inputs: tuple[str, ...] = ()
    results: tuple = ()


def signatures(source: str) -> dict[str, Signature]:
    """Return the signatures of the functions and methods of a reference answer, by name."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef):
            continue
        inputs = tuple(a.arg for a in node.args.args if a.arg != "self")
        returned = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value]
        results = _promised(ast.get_docstring(node) or "")
        if returned and (
            not results or any(isinstance(n, ast.Tuple) for n in ast.walk(returned[-1]))
        ):
            words = _words(returned[-1], inputs)
            results = results if len(results) == len(words) and None in words else words
        found[node.name] = Signature(inputs, results)
    return found


def _promised(text: str) -> tuple[str, ...]:
    """Return the names that a docstring gives to what is returned, in order."""
    section = re.search(r"(?m)^Returns\n-+\n((?:.*\n?)*?)(?=^\w+\n-+$|\Z)", text)
    if section:
        lines = re.findall(r"(?m)^([a-zA-Z_][\w, ]*) : ", section[1])
        return tuple(w.strip() for line in lines for w in line.split(","))
    short = re.match(r"Returns? ``(\w+(?:, \w+)*)``", text)
    return tuple(short[1].split(", ")) if short else ()


def _words(node: ast.expr, inputs: tuple[str, ...]) -> tuple:
    """Return the names in a return: nested as the values are, None where there is none."""
    if isinstance(node, ast.Tuple):
        return tuple(
            (e.id if e.id not in inputs else None)
            if isinstance(e, ast.Name)
            else _words(e, inputs) or None
            for e in node.elts
        )
    return (node.id,) if isinstance(node, ast.Name) and node.id not in inputs else ()


def _result_name(function: str, signature: Signature, path: tuple) -> str:
    """Return what a result is called: ``dx``, or ``value 2 of backward``."""
    found = signature.results
    if not path:
        known = found[0] if len(found) == 1 else None
        return known or _("what {function} returns").format(function=function)
    for place in path:
        inside = isinstance(found, tuple) and type(place) is int and place < len(found)
        found = found[place] if inside else None
    if type(found) is str:
        return found
    if len(path) == 1 and type(path[0]) is int:
        return _("value {number} of {function}").format(number=path[0] + 1, function=function)
    if len(path) == 1 and type(path[0]) is str:
        return _("the entry {name!r} of {function}").format(name=path[0], function=function)
    said = _("what {function} returns at {place}")
    return said.format(function=function, place=", ".join(map(repr, path)))


class Reader:
    """Reads a script: which function a step called, on what, with what.

    Parameters
    ----------
    script : Script
    right : sequence of list of Leaf
        What the reference gives in each step.
    source : str
        The reference.
    """

    def __init__(self, script: Script, right: Sequence[list[Leaf]], source: str) -> None:
        self.script, self.right = script, right
        self.signatures = signatures(source)

    def called(self, step: Step) -> tuple[str, Name | None]:
        """Return the function that a call is of, and the object if it is a method."""
        target = step.arguments[0]
        if type(target) is Name and target.step >= 0:
            origin = self.script.steps[target.step]
            if origin.action == "get":
                owner = origin.arguments[0]
                return str(origin.arguments[1]), owner if type(owner) is Name else None
            if origin.action == "name":
                return str(origin.arguments[0]), None
        return _("the function"), None

    def _arguments(self, step: Step) -> tuple:
        if step.action in ("call", "call_and_inputs"):
            return step.arguments[1]
        return ()

    def inputs(self, step: Step) -> dict[str, object]:
        """Return the arguments of a call by what a message calls them."""
        function, _owner = self.called(step)
        words = self.signatures.get(function, Signature()).inputs
        named = {}
        for index, value in enumerate(self._arguments(step)):
            other = _("input {number}").format(number=index + 1)
            word = words[index] if index < len(words) else other
            named[_("the upstream gradient") if word == "dout" else word] = value
        return named

    def given(self, number: int, owner: Name | None) -> dict[str, object]:
        """Return what went into a step, and before that into the same object."""
        named: dict[str, object] = {}
        steps = self.script.steps
        if owner is not None:
            for before in range(number):
                step = steps[before]
                if step.action != "call":
                    continue
                _function, other = self.called(step)
                if other == owner or owner.step == before:
                    named |= self.inputs(step) | self._outputs(before)
        if steps[number].action in ("call", "call_and_inputs"):
            named |= self.inputs(steps[number])
        return named

    def _outputs(self, number: int) -> dict[str, object]:
        """Return what the reference gives in a call, if that is one number or array."""
        leaf = self.right[number][0]
        if len(self.right[number]) != 1 or leaf.kind != "number":
            return {}
        function, _owner = self.called(self.script.steps[number])
        words = self.signatures.get(function, Signature()).results
        other = _("the {function} result").format(function=function)
        name = words[0] if len(words) == 1 and type(words[0]) is str else other
        return {name: leaf.value}

    def results(self) -> dict[str, Result]:
        """Return all results that are numbers, texts or errors, by name."""
        results: dict[str, Result] = {}
        for number, step in enumerate(self.script.steps):
            name, owner = self._named(step)
            if name is None:
                continue
            right = {leaf.path: leaf for leaf in self.right[number]}
            values = {p: leaf.value for p, leaf in right.items() if leaf.kind == "number"}
            given = None
            for got in step.found:
                wanted = right.get(got.path)
                if wanted is None:
                    continue
                off = distance(got, wanted)
                word = name(got.path)
                if given is None and off > SAME:
                    given = self.given(number, owner)
                others = {name(p): v for p, v in values.items() if p != got.path}
                instance = Instance(
                    number, step, got, wanted, owner, given or {}, others, off > SAME
                )
                results.setdefault(word, Result(word)).instances.append(instance)
        self._add_siblings(results)
        return results

    def _add_siblings(self, results: dict[str, Result]) -> None:
        """Let each attribute know the right values of the others of its object: dW and db."""
        by_owner: dict[Name, dict[str, object]] = {}
        for name, result in results.items():
            for instance in result.instances:
                if instance.step.action in ("get", "item") and instance.right.kind == "number":
                    by_owner.setdefault(instance.owner, {})[name] = instance.right.value
        for name, result in results.items():
            for instance in result.wrong:
                for other, value in by_owner.get(instance.owner, {}).items():
                    if other != name:
                        instance.others.setdefault(other, value)

    def _named(self, step: Step) -> tuple[Callable[[tuple], str] | None, Name | None]:
        if step.action in ("call", "call_and_inputs"):
            function, owner = self.called(step)
            signature = self.signatures.get(function, Signature())
            if step.action == "call":
                return (lambda path: _result_name(function, signature, path)), owner

            def name(path: tuple) -> str:
                if path[:1] == (1,):
                    word = signature.inputs[path[1]] if len(path) > 1 else ""
                    said = _("{name} after the call of {function}")
                    return said.format(name=word, function=function)
                return _result_name(function, signature, path[1:])

            return name, owner
        if step.action in ("get", "item"):
            word = str(step.arguments[1])
            owner = step.arguments[0] if type(step.arguments[0]) is Name else None
            return (lambda path: "".join([word, *(f"[{p!r}]" for p in path)])), owner
        if step.action == "contains":
            word = _("the entry {name!r}").format(name=step.arguments[1])
            return (lambda path: word), None
        if step.action == "name":
            word = str(step.arguments[0])
            return (lambda path: word), None
        return None, None


# ---------------------------------------------------------------- facts of many calls


def _facts_of(instance: Instance, several: bool) -> list[Fact]:
    """Return the facts about one wrong result."""
    got, right = instance.got, instance.right
    if got.kind == "error":
        if right.kind == "error":
            said = _("stops with {error}, not with {wanted}")
            return [Fact("error", said.format(error=got.value, wanted=right.value))]
        words = f"{got.value}: {got.style}" if got.style else str(got.value)
        kind = {"AttributeError": "attribute", "NameError": "name"}.get(str(got.value), "error")
        return [Fact(kind, _("stops with {error}").format(error=words[:200]))]
    if got.kind != right.kind or got.kind in ("items", "keys"):
        said = _("is {what}, wanted {wanted}")
        return [Fact("type", said.format(what=_what(got), wanted=_what(right)))]
    if instance.step.action == "contains":
        return [Fact("attribute", _("is missing"))]
    if got.kind != "number":
        return [Fact("element", _("is not right"))] if instance.step.action == "item" else []
    if "after the call" in instance.step.action:
        return [Fact("mutated", _("was changed"))]
    return list(
        facts(
            got.value, right.value, rtol=SAME, atol=0.0,
            given=instance.given, others=instance.others, several=several,
        )
    )  # fmt: skip


def _what(leaf: Leaf) -> str:
    if leaf.kind == "items":
        if leaf.value == 1:
            return _("a list of one value")
        return _("{count} values").format(count=leaf.value)
    if leaf.kind == "object":
        return _("a {kind}").format(kind=leaf.style)
    if leaf.kind == "keys":
        names = ", ".join(leaf.value)[:120] or _("nothing in it")
        return _("a dictionary with {names}").format(names=names)
    if leaf.kind == "number" and leaf.value.ndim == 0:
        return _("a single number")
    return _(_KINDS.get(leaf.kind, N_("something else")))


def _rough(result: Result) -> Fact | None:
    far = max(distance(i.got, i.right) for i in result.wrong)
    if far < ALIKE and all(i.got.kind == "number" for i in result.wrong):
        digits = int(-np.log10(far))
        said = _("is right to {digits} digits only: is it a formula?")
        return Fact("rough", said.format(digits=digits))
    return None


def _history(result: Result, reader: Reader) -> Fact | None:
    """Say that a result was right once and is wrong when the same is asked again."""
    steps = reader.script.steps
    for bad in result.wrong:
        for good in result.fine:
            if good.number < bad.number and good.step.key == bad.step.key:
                said = _("is right when it is first asked for, and wrong the next time")
                return Fact("repeat", said)
    if not result.fine or not all(i.owner for i in result.instances):
        return None

    def before(instance: Instance) -> int:
        """Return how many other calls the object had had, or its class others."""
        done = [reader.called(s) for s in steps[: instance.number] if s.action == "call"]
        return sum(owner == instance.owner for _function, owner in done)

    if min(map(before, result.wrong)) > max(map(before, result.fine)):
        said = _("is right at first, and wrong once the object has been used before")
        return Fact("repeat", said)
    return None


def _shape_words(instance: Instance, reader: Reader) -> dict[str, bool]:
    """Return what is true of the inputs of a result."""
    found: dict[str, bool] = {}
    if instance.owner is not None:
        since = reader.script.steps[instance.owner.step : instance.number]
        found[_("arrays that were changed in place")] = any(s.action == "write" for s in since)
    value = instance.right.value if instance.right.kind == "number" else None
    arrays = [v for v in instance.given.values() if isinstance(v, np.ndarray)]
    numbers = [v for v in instance.given.values() if isinstance(v, (int, float))]
    if arrays or numbers:
        found[_("plain numbers")] = not arrays
        found[_("arrays")] = bool(arrays)
    if value is not None:
        for ndim in (1, 2, 3, 4):
            found[_("arrays with {count} dimensions").format(count=ndim)] = value.ndim == ndim
        found[_("as many rows as columns")] = value.ndim == 2 and value.shape[0] == value.shape[1]
        found[_("a single row")] = value.ndim == 2 and value.shape[0] == 1
    first = next(iter(arrays), None)
    if first is not None:
        with contextlib.suppress(TypeError):
            found[_("negative numbers in the input")] = bool((first < 0).any())
            found[_("zeros in the input")] = bool((first == 0).any())
    elif numbers:
        found[_("negative numbers in the input")] = any(n < 0 for n in numbers)
        found[_("zeros in the input")] = any(n == 0 for n in numbers)
        found[_("whole numbers")] = all(n % 1 == 0 for n in numbers)
    return found


def _where(result: Result, reader: Reader) -> Fact | None:
    """Say for what kind of input alone the result is wrong."""
    if not result.fine:
        return None
    for instance in result.fine:
        if not instance.given:
            instance.given = reader.given(instance.number, instance.owner)
    bad = [_shape_words(i, reader) for i in result.wrong]
    good = [_shape_words(i, reader) for i in result.fine]
    for word in bad[0]:
        if all(b.get(word) for b in bad) and not any(g.get(word) for g in good):
            said = _("is wrong for {what} and right otherwise")
            return Fact("where", said.format(what=word))
        if not any(b.get(word) for b in bad) and all(g.get(word) for g in good):
            said = _("is right for {what} and wrong otherwise")
            return Fact("where", said.format(what=word))
    return None


def _common(result: Result) -> list[Fact]:
    """Return the facts that hold in all wrong instances; of those that differ, the first's."""
    each = [_facts_of(i, len(result.wrong) > 1) for i in result.wrong[:30]]
    each = [f for f in each if f]
    if not each:
        return []
    keys = [{f.key for f in some} for some in each]
    shared = [f for f in each[0] if all(f.key in k for k in keys)]
    if shared:
        return shared
    kinds = [{f.kind for f in some} for some in each]
    alike = [f for f in each[0] if all(f.kind in k for k in kinds)]
    if alike and alike[0].kind != "element":
        return alike[:1]
    # What holds only here and there is a fact of single calls; shapes before values.
    strict = [
        f for some in each for f in some if f.kind in ("error", "type", "shape", "dtype", "name")
    ]
    return strict[:1] or alike[:1] or each[0][-1:]


# ---------------------------------------------------------------- a formula for what came out

_ATOMS: tuple[tuple[str, Callable], ...] = (
    ("{name}", lambda v: v),
    (N_("{name} squared"), lambda v: v * v),
    ("(1 - {name})", lambda v: 1 - v),
    (N_("(1 - {name} squared)"), lambda v: 1 - v * v),
    ("exp({name})", np.exp),
    ("exp(-{name})", lambda v: np.exp(-v)),
)
_JOINS: tuple[tuple[str, Callable], ...] = (
    (N_("{first} plus {second}"), np.add),
    (N_("{first} minus {second}"), np.subtract),
    (N_("{first} times {second}"), np.multiply),
    (N_("{first} divided by {second}"), np.divide),
)
_FACTORS = (
    (1.0, N_("is {formula}")),
    (-1.0, N_("is minus {formula}")),
    (2.0, N_("is twice {formula}")),
    (0.5, N_("is half of {formula}")),
)
_NAMED = 8  # values that are joined


def _values(instance: Instance) -> dict[str, np.ndarray]:
    """Return what a result may have been made of: inputs, and the right values of the others."""
    shape, found = instance.right.value.shape, {}
    for name, value in [*instance.given.items(), *instance.others.items()]:
        if isinstance(value, (int, float, np.ndarray)) and not isinstance(value, bool):
            array = np.asarray(value)
            if array.shape == shape and array.dtype.kind in "fiu":
                found.setdefault(name, array.astype(float))
    return dict(list(found.items())[:_NAMED])


def _formulas(values: dict[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield sums, differences, products and quotients of two values, and what they are in words."""
    atoms = [(_(w).format(name=n), f(v)) for n, v in values.items() for w, f in _ATOMS]
    joins = [(_(words), join) for words, join in _JOINS]
    yield from atoms
    for (first, a), (second, b) in itertools.product(atoms, repeat=2):
        for words, join in joins:
            if join in (np.add, np.multiply) and second < first:
                continue
            yield words.format(first=first, second=second), join(a, b)


def _formula(result: Result) -> Fact | None:
    """Return in words what was computed in place of the right value, if that is simple.

    It must hold in all wrong calls, and of whole numbers alone too much holds by chance.
    """
    wrong = [
        i for i in result.wrong
        if i.got.kind == i.right.kind == "number" and i.got.value.shape == i.right.value.shape
    ]  # fmt: skip
    if len(wrong) < len(result.wrong):
        return None
    telling = [i for i in wrong if i.got.value.size and (i.got.value % 1).any()]
    if not telling or (len(telling) < 2 and telling[0].got.value.size < 3):
        return None
    first, rest = telling[0], [i for i in wrong if i is not telling[0]][:10]
    values = _values(first)
    with np.errstate(all="ignore"):
        place = np.unravel_index(np.abs(first.got.value).argmax(), first.got.value.shape)
        target = first.got.value[place]
        for words, one in _formulas({n: v[place] for n, v in values.items()}):
            for factor, said in _FACTORS:
                if not abs(factor * one - target) <= 1e-9 * abs(target):
                    continue
                if all(_is_formula(i, words, factor) for i in [first, *rest]):
                    return Fact("formula", _(said).format(formula=words))
    return None


def _is_formula(instance: Instance, words: str, factor: float) -> bool:
    values, got = _values(instance), instance.got.value
    found = next((v for w, v in _formulas(values) if w == words), None)
    return found is not None and np.allclose(got, factor * found, rtol=1e-9, atol=1e-12)


def _example(result: Result, hidden: set[str]) -> str:
    """Return the first wrong element, with what was expected if the check is a visible one."""
    for instance in result.wrong:
        got, right = instance.got, instance.right
        if instance.step.check_id in hidden or got.kind != right.kind:
            continue
        if got.kind == "text":
            return _(": got {got}").format(got=repr(got.value[:40]))
        if got.kind != "number" or got.value.shape != right.value.shape:
            continue
        off = ~np.isclose(got.value, right.value, rtol=1e-9, atol=0)
        if not off.any():
            continue
        place = np.unravel_index(off.argmax(), off.shape)
        said = (
            _(": at {place} expected {expected}, got {got}")
            if place
            else _(": expected {expected}, got {got}")
        )
        return said.format(
            place=f"[{', '.join(map(str, map(int, place)))}]",
            expected=show(float(right.value[place])),
            got=show(float(got.value[place])),
        )
    return ""


def clues(script: Script, right: Sequence[list[Leaf]], source: str, hidden: set[str]) -> list[Fact]:
    """Return at most a screen of facts about the results that are wrong.

    Parameters
    ----------
    script : Script
        What the checks did, and what the student's answer gave.
    right : sequence of list of Leaf
        What the reference gives, step by step.
    source : str
        The reference: its names stand in the messages.
    hidden : set of str
        The hidden checks: no expected value of theirs is told.
    """
    reader = Reader(script, right, source)
    told: list[Fact] = []
    for result in reader.results().values():
        if all(i.got.kind == "error" and i.got[1:3] == NOT_WRITTEN for i in result.wrong):
            continue
        told += _tell(result, reader, hidden)
    told.sort(key=lambda f: ORDER.index(f.kind))
    return _without_repeats(told)[:LINES]


def _without_repeats(told: Sequence[Fact]) -> list[Fact]:
    seen: set[str] = set()
    return [f for f in told if not (f.text in seen or seen.add(f.text))]


def _tell(result: Result, reader: Reader, hidden: set[str]) -> Iterator[Fact]:
    """Yield the facts of one result, with its name in front; the first one says the most."""
    found = _common(result)
    extra = [_rough(result) or _history(result, reader) or _where(result, reader)]
    if {f.kind for f in found} <= {"element", "place", "size"}:
        extra.append(_formula(result))
    found = sorted(
        [f for f in [*found, *extra] if f is not None], key=lambda f: ORDER.index(f.kind)
    )
    if any(f.kind not in ("element", "place") for f in found):
        found = [f for f in found if f.kind not in ("element", "place")][:2]
    for fact in found[:2]:
        example = _example(result, hidden) if fact is found[0] else ""
        if example and fact.kind in ("type", "shape", "name", "attribute", "error"):
            example = ""
        yield Fact(fact.kind, joined(result.name, fact.text) + example)
