"""The result of a sweep as text: the factors ranked by their effect, and the points."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy.typing as npt
from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult

from simclinic.measures import KPIS
from simclinic.report.text.numbers import NO_VALUE, for_people, row, short, span
from simclinic.report.text.parts import label_of
from simclinic.report.text.run import notes
from simclinic.report.text.stability import VERDICTS, verdicts_of
from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import bullet, counted, period
from simclinic.results.sweep import Effect, SweepDocument
from simclinic.scenario.addresses import address as written
from simclinic.scenario.addresses import address_parts

MOST_FACTORS = 10
"""Factors listed for each key figure; those below matter little."""
MOST_POINTS = 36
"""Points up to which a sweep's points are listed."""
_BETWEEN = 2
"""Blanks between two columns."""
_HEAD = 10
"""Characters of a head in one line, where there is room."""
_NAME = 12
"""Characters of a name in one line, at least."""

DESIGNS = {
    "grid": "every combination",
    "lhs": "Latin hypercube",
    "sobol": "Sobol indices",
    "morris": "Morris' elementary effects",
}
MEANING = {
    "grid": (
        "effect: from a factor's first level to its last, with the 95 % interval over replications, on the same "
        "patients; share: part of the differences between points that the factor explains by itself"
    ),
    "lhs": (
        "effect: over the factor's whole range, by a straight line, with its 95 % interval; share: part of the "
        "differences between points that this line explains"
    ),
    "sobol": (
        "total: share of the variance that would remain if only this factor were unknown; first: share that would "
        "disappear if it were known; with 95 % bootstrap intervals"
    ),
    "morris": (
        "size: mean size of the effect over the factor's whole range, with its 95 % bootstrap interval; signed: "
        "the same with its sign; spread: how much it differs between points (curved, or depends on other factors)"
    ),
}
"""How to read the columns of each design."""


def sweep_table(
    document: SweepDocument, on: Sequence[str], points: Mapping[str, npt.NDArray[Any]] | None = None
) -> RenderableType:
    """Show the result of a sweep.

    Parameters
    ----------
    document
        Its findings.
    on
        The key figures to show.
    points
        The table of points, to list them if they are few.
    """
    return Group(
        *_heading(document),
        *(part for name in on for part in _ranking(document, name)),
        Text(),
        Text(f"{MEANING[document['design']]}.", style="dim"),
        *(_points(document, on, points) if points is not None else ()),
    )


def _heading(document: SweepDocument) -> Iterator[RenderableType]:
    horizon, panel = document["horizon"], document.get("panel")
    yield Text(document["name"], style="bold")
    yield Text(
        f"{DESIGNS[document['design']]}: {counted(document['points'], 'point')} over "
        f"{counted(len(document['factors']), 'factor')}, {counted(document['replications'], 'replication')} of "
        f"each, the same patients everywhere, seed {document['seed']}"
    )
    yield Text(period(horizon, panel))
    for target in document.get("targets", ()):
        yield bullet(target["told"], "guard" if target["guard"] else "target")
    for warning in document["warnings"]:
        yield bullet(warning)
    yield from notes(panel, horizon)


def _ranking(document: SweepDocument, name: str) -> Iterator[RenderableType]:
    ranked = document["kpis"][name]
    factor, unit = for_people(ranked["unit"], document["currency"])
    low, high = row(*(None if bound is None else factor * bound for bound in (ranked["low"], ranked["high"])))
    yield Text()
    yield Text(f"{label_of(name, document['kpis'])}: {span(low, high)} {unit} over the points", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("", overflow="fold")
    for head in heads(document):
        table.add_column(head, justify="right", no_wrap=True)
    shown = ranked["effects"][:MOST_FACTORS]
    for effect in shown:
        table.add_row(named(document, effect["factor"]), *cells(document, effect, factor))
    yield table
    left = len(ranked["effects"]) - len(shown)
    if left:
        yield Text(f"and {counted(left, 'factor')} that matter less", style="dim")


def named(document: SweepDocument, address: str) -> str:
    """Name a factor, and for a grid from where to where its effect goes."""
    levels = document["factors"][address]["levels"]
    if document["design"] != "grid" or levels is None:
        return address
    return f"{address}, {_level(levels[0])} → {_level(levels[-1])}"


def heads(document: SweepDocument) -> tuple[str, ...]:
    """Return the headings of the columns that describe a factor's effect in a design."""
    return _HEADS[document["design"]]


def cells(document: SweepDocument, effect: Effect, factor: float) -> list[str]:
    """Fill these columns for one factor; amounts are multiplied by `factor` for people's units."""
    return list(_CELLS[document["design"]](effect, factor))


def _scaled(effect: Effect, factor: float, *names: str) -> list[str]:
    measures = effect["measures"]
    return row(*(None if measures[name] is None else factor * measures[name] for name in names))  # type: ignore[operator]


def _percent(value: float | None) -> str:
    return NO_VALUE if value is None else f"{100 * value:.0f} %"


def _by_effect(effect: Effect, factor: float) -> Iterator[str]:
    mean, low, high = _scaled(effect, factor, "effect", "effect_low", "effect_high")
    yield mean
    yield span(low, high)
    yield _percent(effect["measures"]["share"])


def _by_index(effect: Effect, factor: float) -> Iterator[str]:  # noqa: ARG001 (indices have no unit)
    for name in ("total", "first"):
        value, low, high = row(*(effect["measures"][f"{name}{end}"] for end in ("", "_low", "_high")))
        yield value
        yield span(low, high)


def _by_size(effect: Effect, factor: float) -> Iterator[str]:
    size, low, high, signed, spread = _scaled(
        effect, factor, "mu_star", "mu_star_low", "mu_star_high", "mu", "sigma"
    )
    yield size
    yield span(low, high)
    yield signed
    yield spread


_HEADS = {
    "grid": ("effect", "95 % interval", "share"),
    "lhs": ("effect", "95 % interval", "share"),
    "sobol": ("total", "95 % interval", "first", "95 % interval"),
    "morris": ("size", "95 % interval", "signed", "spread"),
}
_CELLS = {"grid": _by_effect, "lhs": _by_effect, "sobol": _by_index, "morris": _by_size}


def _points(
    document: SweepDocument, on: Sequence[str], points: Mapping[str, npt.NDArray[Any]]
) -> Iterator[RenderableType]:
    if document["points"] > MOST_POINTS:
        return
    yield Text()
    yield Text("The points", style="bold")
    factors, figures = [], []
    for address, varied in document["factors"].items():
        if varied["levels"] is None or len(varied["levels"]) > 1:
            values = points[address].tolist()
            cells = tuple(_level(value) for value in values)
            text = all(isinstance(value, str) for value in values)
            factors.append(_Column(_end(address, document["factors"]), cells, "left", text=text))
    verdicts = tuple(VERDICTS.get(each, NO_VALUE) for each in verdicts_of(points))
    if len(set(verdicts)) > 1:
        figures.append(_Column("verdict", verdicts, "left", text=True))
    else:
        yield Text(f"All of them: {verdicts[0]}.")
    for name in on:
        factor, unit = for_people(KPIS[name].unit, document["currency"])
        cells = tuple(short(factor * value) for value in points[name].tolist())
        figures.append(_Column(f"{label_of(name, document['kpis'])}, {unit}", cells, "right"))
    yield _Listed(tuple(factors), tuple(figures))


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the list of points."""

    head: str
    cells: tuple[str, ...]
    side: Literal["left", "right"]
    text: bool = False

    @property
    def least(self) -> int:
        """Characters that it needs: heads and names may go on in the next line, a number may not (13,40 | 2)."""
        longest = max(map(len, self.cells))
        head = max(map(len, self.head.split()))
        return max(min(longest, _NAME) if self.text else longest, min(head, _NAME))

    @property
    def wanted(self) -> int:
        """Characters that look well: no word of the head is broken, and it takes few lines."""
        cells = min(max(map(len, self.cells)), 2 * _NAME)
        return max(self.least, cells, *map(len, self.head.split()), min(len(self.head), _HEAD))


@dataclass(frozen=True, slots=True)
class _Listed:
    """The list of points: as many figures beside the factors as there is room for, the others in a list below."""

    factors: tuple[_Column, ...]
    figures: tuple[_Column, ...]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        left = list(self.figures)
        while left or not self.figures:
            count = 0
            while count < len(left) and self._spare(options.max_width, left[: count + 1]) >= 0:
                count += 1
            if not count and (left or self._spare(options.max_width, left) < 0):
                yield Text("There is too little room to list them here: see points.parquet.")
                return
            if len(left) < len(self.figures):
                yield Text()
            yield self._table(options.max_width, left[:count])
            if not left:
                return
            left = left[count:]

    def _spare(self, room: int, figures: Sequence[_Column]) -> int:
        widths = [column.least for column in (*self.factors, *figures)]
        return room - sum(widths) - _BETWEEN * (len(widths) - 1)

    def _table(self, room: int, figures: Sequence[_Column]) -> Table:
        columns = (*self.factors, *figures)
        widths = [column.least for column in columns]
        for _more in range(self._spare(room, figures)):
            lacking = [column.wanted - width for column, width in zip(columns, widths, strict=True)]
            if max(lacking) <= 0:
                break
            widths[lacking.index(max(lacking))] += 1
        table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
        for column, width in zip(columns, widths, strict=True):
            table.add_column(column.head, justify=column.side, overflow="fold", width=width)
        for line in zip(*(column.cells for column in columns), strict=True):
            table.add_row(*line)
        return table


def _end(address: str, among: Collection[str]) -> str:
    """Return the end of an address that identifies it: "nurses", or "day.nurses" where two have nurses.

    >>> _end("shifts.prescriber.number", ["shifts.prescriber.number"])
    'prescriber'
    """
    parts = address_parts(address)
    if (
        parts[-1] == "number"
        and len(parts) > 1
        and sum(parts[-2] in address_parts(each) for each in among) == 1
    ):
        return str(parts[-2])
    for count in range(2 if parts[-1] == "number" else 1, len(parts)):
        end = parts[-count:]
        if sum(address_parts(other)[-count:] == end for other in among) == 1:
            return written(end)
    return address


def _level(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
