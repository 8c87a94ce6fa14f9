"""What several plans or levels do for each type of visit: tables of the figures that one number blends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simclinic.measures import KPIS
from simclinic.report.text.numbers import NO_VALUE, for_people, with_interval
from simclinic.results.document import Figure

_OF_TYPES = ("access_days_p90", "wait_minutes_mean", "balked_share")
"""Figures that are shown of each type of visit."""

Figures = Mapping[str, Figure]


def type_tables(rows: Sequence[Figures], currency: str) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Lay out figures by type of visit: a heading, the types, and cells for each row.

    Nothing in a clinic with one type, or where fewer than two types have such a figure.

    Parameters
    ----------
    rows
        The figures of each plan or level, by name.
    currency
        Of the scenario.
    """
    names = sorted({name for row in rows for name in row})
    for base in _OF_TYPES:
        figures = [name for name in names if name.startswith(f"{base}:")]
        if len(figures) > 1:
            head = f"{KPIS[figures[0]].label.partition(':')[0]}, {for_people(KPIS[base].unit, currency)[1]}"
            cells = [[figure_cell(row, name, currency) for name in figures] for row in rows]
            yield head, [name.partition(":")[2] for name in figures], cells


def figure_cell(row: Figures, name: str, currency: str) -> str:
    """Write a figure with its interval."""
    figure = row.get(name)
    if figure is None or figure["mean"] is None:
        return NO_VALUE
    return with_interval(figure, for_people(KPIS[name].unit, currency)[0])
