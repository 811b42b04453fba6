"""Layout of small layered graphs: columns, an order without crossings, straightened lines.

The recipe of Sugiyama, Tagawa and Toda in its smallest form. Every node stands in the column after
its last input; a line that passes a column gets a dummy node there, so that room is kept for it;
sweeps to the mean of the neighbours (barycentres) and swaps take out the crossings; at last the
nodes move, in the order found, to where their lines are straightest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

Key = str | tuple[str, str, int]
"""The name of a node, or ``(source, target, rank)`` for the dummy of a line that passes ``rank``."""


_STARTS = 12


@dataclass(frozen=True)
class Layout:
    """Where the nodes and the dummies stand: column and height."""

    rank: dict[Key, int]
    y: dict[Key, float]

    def route(self, source: str, target: str) -> list[Key]:
        """Return the names that the line from ``source`` to ``target`` goes through."""
        dummies = range(self.rank[source] + 1, self.rank[target])
        return [source, *((source, target, r) for r in dummies), target]


def ranks(inputs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the column of every node: 0, or one more than the largest column of its inputs.

    Raises
    ------
    ValueError
        If the graph has a cycle; the message names the nodes on or behind it.
    """
    rank: dict[str, int] = {}
    while len(rank) < len(inputs):
        ready = {
            name: 1 + max((rank[i] for i in names), default=-1)
            for name, names in inputs.items()
            if name not in rank and all(i in rank for i in names)
        }
        if not ready:
            raise ValueError(f"the graph has a cycle through {sorted(set(inputs) - set(rank))}")
        rank |= ready
    return rank


def layout(
    inputs: Mapping[str, Sequence[str]],
    up: Mapping[str, float],
    down: Mapping[str, float],
    gap: float = 12,
    rank: Mapping[str, int] | None = None,
) -> Layout:
    """Place a graph.

    Parameters
    ----------
    inputs : mapping
        ``{name: names of its inputs}``, leaves included.
    up, down : mapping
        How far each node reaches above and below its middle, with its labels.
    gap : float
        The room left between two nodes of a column.
    rank : mapping, optional
        The columns, to overrule `ranks`.
    """
    column = dict(rank or ranks(inputs))
    links: dict[Key, list[Key]] = {}
    for target, sources in inputs.items():
        for source in dict.fromkeys(sources):
            dummies = [(source, target, r) for r in range(column[source] + 1, column[target])]
            column |= {d: d[2] for d in dummies}
            for a, b in pairwise([source, *dummies, target]):
                links.setdefault(b, []).append(a)
    columns = _order(inputs, column, links)
    reach = {k: (up.get(k, 7.0), down.get(k, 7.0)) for k in column}
    return Layout(column, _straighten(columns, links, reach, gap))


def _order(
    inputs: Mapping[str, Sequence[str]],
    column: Mapping[Key, int],
    links: Mapping[Key, Sequence[Key]],
) -> list[list[Key]]:
    """Return the columns, each from top to bottom, with as few crossings as the sweeps find.

    The first try keeps inputs in their order from top to bottom; the others start elsewhere.
    """
    outputs: dict[Key, list[Key]] = {}
    for target, sources in links.items():
        for source in sources:
            outputs.setdefault(source, []).append(target)
    used = {i for names in inputs.values() for i in names}
    ends = [n for n in inputs if n not in used] + list(inputs)

    best: list[list[Key]] = []
    fewest = -1
    for start in range(_STARTS):
        shuffle = Random(start).shuffle if start else None
        columns: list[list[Key]] = [[] for _ in range(max(column.values()) + 1)]
        stack = list(ends[::-1])
        seen: set[Key] = set()
        while stack:
            key = stack.pop()
            if key not in seen:
                seen.add(key)
                columns[column[key]].append(key)
                stack += links.get(key, ())[::-1]
        for keys in columns if shuffle else ():
            shuffle(keys)
        now = _sweep(columns, links, outputs)
        if fewest < 0 or now < fewest:
            best, fewest = [list(c) for c in columns], now
        if not fewest:
            break
    return best


def _sweep(
    columns: list[list[Key]],
    links: Mapping[Key, Sequence[Key]],
    outputs: Mapping[Key, Sequence[Key]],
) -> int:
    """Put the columns into a better order and return how many crossings are left."""
    best, fewest = [list(c) for c in columns], _crossings(columns, links)
    for sweep in range(8):
        if not fewest:
            break
        near, way = (links, 1) if sweep % 2 == 0 else (outputs, -1)
        for r in range(len(columns))[::way]:
            if not 0 <= r - way < len(columns):
                continue
            place = {k: i for i, k in enumerate(columns[r - way])}
            here = {k: i for i, k in enumerate(columns[r])}

            def mean(key: Key, place=place, here=here, near=near) -> float:
                places = [place[n] for n in near.get(key, ()) if n in place]
                return sum(places) / len(places) if places else here[key]

            columns[r].sort(key=mean)
        _swap_neighbours(columns, links)
        now = _crossings(columns, links)
        if now < fewest:
            best, fewest = [list(c) for c in columns], now
    columns[:] = best
    return fewest


def _swap_neighbours(columns: list[list[Key]], links: Mapping[Key, Sequence[Key]]) -> None:
    for keys in columns:
        for i in range(len(keys) - 1):
            before = _crossings(columns, links)
            keys[i], keys[i + 1] = keys[i + 1], keys[i]
            if _crossings(columns, links) >= before:
                keys[i], keys[i + 1] = keys[i + 1], keys[i]


def _crossings(columns: Sequence[Sequence[Key]], links: Mapping[Key, Sequence[Key]]) -> int:
    total = 0
    for left, right in pairwise(columns):
        place = {k: i for i, k in enumerate(left)}
        ends = [(place[s], j) for j, k in enumerate(right) for s in links.get(k, ()) if s in place]
        total += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(ends) for c, d in ends[:i])
    return total


def _straighten(
    columns: Sequence[Sequence[Key]],
    links: Mapping[Key, Sequence[Key]],
    reach: Mapping[Key, tuple[float, float]],
    gap: float,
) -> dict[Key, float]:
    """Return heights that keep order and distances, near the mean of the neighbours' heights."""
    near: dict[Key, list[tuple[Key, float]]] = {}
    for target, sources in links.items():
        for source in sources:
            # A node stands in the middle of its inputs rather than of what it feeds.
            weight = 4.0 if isinstance(source, tuple) and isinstance(target, tuple) else 1.0
            near.setdefault(target, []).append((source, weight))
            near.setdefault(source, []).append((target, weight / 3))

    room: dict[tuple[Key, Key], float] = {
        (a, b): reach[a][1] + gap + reach[b][0] for keys in columns for a, b in pairwise(keys)
    }
    offsets: dict[Key, float] = {}
    y: dict[Key, float] = {}
    for keys in columns:
        for a, b in zip([None, *keys], keys, strict=False):
            offsets[b] = 0.0 if a is None else offsets[a] + room[a, b]
        y |= {k: offsets[k] - offsets[keys[-1]] / 2 for k in keys}

    def wish(key: Key) -> tuple[float, float]:
        around = near.get(key, [])
        weight = sum(w for _, w in around)
        return (sum(w * y[n] for n, w in around) / weight, weight) if weight else (y[key], 0.1)

    order = list(range(len(columns)))
    for sweep in range(24):
        for r in order[:: 1 if sweep % 2 else -1]:
            wishes = [(w - offsets[k], weight) for k in columns[r] for w, weight in [wish(k)]]
            for key, height in zip(columns[r], _monotone(wishes), strict=True):
                y[key] = height + offsets[key]

    # What should be one height becomes one height: the dummies of a line, with the input it is from.
    bars: dict[Key, list[Key]] = {k: [k] for k in y if not isinstance(k, tuple)}
    for key in y:
        if isinstance(key, tuple):
            leaf = (
                key[0] if not links.get(key[0]) and len(_targets(links, key[0])) == 1 else key[:2]
            )
            bars.setdefault(leaf, []).append(key)
    above = {b: (a, d) for (a, b), d in room.items()}
    below = {a: (b, d) for (a, b), d in room.items()}
    for _ in range(30):
        for bar in bars.values():
            low = max((y[above[k][0]] + above[k][1] for k in bar if k in above), default=-1e9)
            high = min((y[below[k][0]] - below[k][1] for k in bar if k in below), default=1e9)
            best = sum(y[k] for k in bar) / len(bar) if len(bar) > 1 else wish(bar[0])[0]
            if low <= high:
                y |= dict.fromkeys(bar, min(max(best, low), high))
    return y


def _targets(links: Mapping[Key, Sequence[Key]], source: Key) -> list[Key]:
    return [t for t, sources in links.items() if source in sources]


def _monotone(wishes: Sequence[tuple[float, float]]) -> list[float]:
    """Return the non-decreasing sequence nearest to the weighted wishes (pool adjacent violators).

    >>> _monotone([(1, 1), (4, 1), (2, 1)])
    [1.0, 3.0, 3.0]
    """
    pools: list[list[float]] = []  # mean, weight, how many
    for wish, weight in wishes:
        pools.append([float(wish), weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, weight, size = pools.pop()
            before = pools[-1]
            before[0] = (before[0] * before[1] + mean * weight) / (before[1] + weight)
            before[1] += weight
            before[2] += size
    return [mean for mean, _, size in pools for _ in range(int(size))]
