"""Differences between scenarios: a table for people, rows for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType

from simclinic.measures import GROUPS, KPIS
from simclinic.measures.groups import part_of, unused
from simclinic.report.text.differences import PERHAPS, SEEN
from simclinic.report.text.numbers import for_people, row
from simclinic.report.text.parts import label_of, nothing_by_plan
from simclinic.report.text.plainly import difference_plainly
from simclinic.report.text.run import notes
from simclinic.report.text.stability import verdict_lines
from simclinic.report.text.summary import cell
from simclinic.report.text.table import Table, Text
from simclinic.report.text.targets import state_of, target_lines
from simclinic.report.text.words import bullet, counted, listed, period, quoted
from simclinic.results.compare import Between, Compared, CompareDocument, Differing

_NAME = 14
"""Columns for a scenario's name."""
COLUMNS = (
    *(
        "from",
        "to",
        "kpi",
        "label",
        "group",
        "unit",
        "from_mean",
        "to_mean",
        "mean",
        "sd",
        "ci_low",
        "ci_high",
    ),
    *("n", "p", "p_holm", "variance_ratio", "verdict"),
)


_SAID = ("balked_share", "margin_per_week")
"""What the answer says of every plan."""

_MOST_OTHERS = 2
"""Other figures that the answer names, where those did not change."""

_MOST_SAID = 4
"""Plans of which the answer says something; the table has all."""


def compare_answer(document: CompareDocument, currency: str) -> list[str]:
    """Answer in a few sentences: which plans stand, and what each changes.

    Parameters
    ----------
    document
        The results.
    currency
        What amounts are in.
    """
    differences = document["differences"]
    said = [_standing(document["scenarios"])]
    said += [
        f"{quoted(each['to'])} against {quoted(each['from'])}: {_changes(each, currency)}."
        for each in differences[:_MOST_SAID]
    ]
    if len(differences) > _MOST_SAID:
        said.append(f"{counted(len(differences) - _MOST_SAID, 'more plan')} in the table.")
    return said


def _standing(scenarios: Sequence[Compared]) -> str:
    """Say which plans meet their targets, or carry their demand if none has targets."""
    aimed = any("targets" in each for each in scenarios)
    named: dict[str, list[str]] = {"met": [], "missed": [], "open": []}
    for each in scenarios:
        named[_state(each, aimed=aimed)].append(quoted(each["name"]))
    words = (
        ("meets all targets", "meet all targets") if aimed else ("carries its demand", "carry their demand")
    )
    misses = (
        ("misses a target", "miss a target")
        if aimed
        else ("does not carry its demand", "do not carry their demand")
    )
    what = "all targets are met" if aimed else "the demand is carried"
    if len(scenarios) > 1 and len(named["met"]) == len(scenarios):
        return f"{'Both' if len(scenarios) == 2 else 'All'} plans {words[1]}."
    if len(scenarios) > 1 and len(named["missed"]) == len(scenarios):
        return f"No plan {words[0]}."
    parts = [
        f"{listed(names)} {verbs[len(names) > 1]}"
        for names, verbs in ((named["met"], words), (named["missed"], misses))
        if names
    ]
    if named["open"]:
        which = "" if len(named["open"]) == len(scenarios) else f" with {listed(named['open'])}"
        parts.append(f"it is open whether {what}{which}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def _state(scenario: Compared, *, aimed: bool) -> str:
    if aimed:
        return state_of(scenario.get("targets", ())) if "targets" in scenario else "open"
    return {"stable": "met", "not-stable": "missed"}.get(scenario["verdict"] or "", "open")


def _changes(between: Between, currency: str) -> str:
    """Say what a plan changes: who is turned away and the margin, or other figures if these were not compared."""
    kpis = between["kpis"]
    names = [name for name in _SAID if name in kpis] or list(kpis)[: len(_SAID)]
    waits = "access_days_mean"
    if (
        waits in kpis
        and waits not in names
        and not _changed(kpis.get("balked_share"))
        and _changed(kpis[waits])
    ):
        names.insert(1, waits)
    if not any(_changed(kpis[name]) for name in names):
        # Nothing of that changed, so what did is the answer.
        others = [name for name in kpis if name not in names and _changed(kpis[name])]
        names = [*sorted(others, key=lambda name: kpis[name]["p_holm"] or 0.0)[:_MOST_OTHERS], *names]
    return "; ".join(difference_plainly(name, kpis[name], currency, kpis) for name in names)


def _changed(difference: Differing | None) -> bool:
    return difference is not None and difference["p_holm"] is not None and difference["p_holm"] < SEEN


def compare_table(document: CompareDocument, currency: str, *, explain: bool = False) -> RenderableType:
    """Show the result of `compare`.

    Parameters
    ----------
    document
        Its figures.
    currency
        What amounts are in.
    explain
        Add what the columns mean.
    """
    scenarios = {each["name"]: each for each in document["scenarios"]}
    return Group(
        *_heading(document, currency),
        *(
            part
            for between in document["differences"]
            for part in _difference(between, scenarios[between["from"]], scenarios[between["to"]], currency)
        ),
        *_until(document),
        *(_meaning() if explain else ()),
    )


def _heading(document: CompareDocument, currency: str) -> Iterator[RenderableType]:
    first, *others = (each["name"] for each in document["scenarios"])
    yield Text(f"{', '.join(others)} against {first}", style="bold")
    yield Text()
    for sentence in compare_answer(document, currency):
        yield Text(sentence)
    yield Text()
    yield Text(
        f"{period(document['horizon'], document.get('panel'))}, the same patients in "
        f"{counted(document['replications'], 'replication')} of each, seed {document['seed']}"
    )
    yield Text()
    for each in document["scenarios"]:
        yield from target_lines(each.get("targets", ()), each["name"])
    if document["stable"] and all(each["day_verdict"] in ("holds", None) for each in document["scenarios"]):
        yield Text("All stable: no queue grows, few are turned away, and the day holds.", style="green")
    else:
        for each in document["scenarios"]:
            yield from verdict_lines(
                each["verdict"],
                each["verdict_reasons"],
                each["day_verdict"] if each["day_verdict"] != "holds" else None,
                each["day_verdict_reasons"],
                name=each["name"],
            )
    if document["verdict"] == "not-stable":
        yield Text("Differences depend on the length of the run.", style="bold red")
    for warning in document["warnings"]:
        yield bullet(warning)
    yield from notes(document.get("panel"), document["horizon"])


def _difference(
    between: Between, first: Compared, second: Compared, currency: str
) -> Iterator[RenderableType]:
    yield Text()
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("", max_width=22)
    table.add_column(first["name"], justify="right", max_width=_NAME, overflow="fold")
    table.add_column(second["name"], justify="right", max_width=_NAME, overflow="fold")
    table.add_column("what is different")
    alone = in_one_alone(between, first, second)
    for group in GROUPS:
        names = [
            name
            for name in between["kpis"]
            if KPIS[name].group == group
            and not _not_compared(name, alone)
            and not (part_of(name) and all(_nothing_by_plan(name, each) for each in (first, second)))
        ]
        if not names:
            continue
        table.add_section()
        table.add_row(Text(group.upper(), style="bold"))
        for name in names:
            difference = between["kpis"][name]
            factor, unit = for_people(difference["unit"], currency)
            means = (first["kpis"][name]["mean"], second["kpis"][name]["mean"])
            one, two = row(*(None if mean is None else factor * mean for mean in means))
            label = label_of(name, between["kpis"])
            label = f"{label}, {unit}" if unit == "%" else label
            table.add_row(label, one, two, Text(difference["verdict"], style=_style(name, difference)))
    yield table
    for words, scenarios in alone.values():
        where = f" with {listed(scenarios)}" if len(scenarios) == 1 else ""
        yield Text(f"{words[0].upper()}{words[1:]}{where}: its other figures are not compared.")
    if any(difference["verdict"].startswith(PERHAPS) for difference in between["kpis"].values()):
        yield Text()
        yield Text(
            f"Perhaps: with {len(between['kpis'])} figures tested, chance alone may explain the difference. More "
            "replications would show.",
            style="dim",
        )
    yield from _won(between)


def _nothing_by_plan(name: str, scenario: Compared) -> bool:
    figure = scenario["kpis"].get(name)
    return figure is not None and nothing_by_plan(figure, name.partition(":")[0])


_COUNTS = ("infusions_per_week", "series_started_per_week", "chair_utilisation")
"""Figures that are 0, and not absent, of a part that is not in use."""


def in_one_alone(between: Between, *sides: Compared) -> dict[tuple[str, str], tuple[str, list[str]]]:
    """Find the types of visit that nobody had, and the places that nobody held, in a scenario or in both.

    Returns
    -------
    dict
        A sentence and the names of the scenarios, by what the part is and its name.
    """
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for side in sides:
        means = {name: side["kpis"][name]["mean"] for name in between["kpis"] if name in side["kpis"]}
        for part, words in unused(means).items():
            found.setdefault(part, (words, []))[1].append(side["name"])
    return found


def _not_compared(name: str, alone: Mapping[tuple[str, str], tuple[str, list[str]]]) -> bool:
    """Tell whether a figure is of such a part, and not how many patients it has."""
    part, base = part_of(name), name.partition(":")[0]
    return part is not None and part in alone and (len(alone[part][1]) > 1 or base not in _COUNTS)


def _style(name: str, difference: Differing) -> str:
    """Colour a difference that is seen, if one direction is better."""
    mean, p, better = difference["mean"], difference["p_holm"], KPIS[name].better
    if mean is None or not mean or p is None or p >= SEEN:
        return "dim"
    if better is None:
        return ""
    return "green" if (mean > 0) == (better == "higher") else "red"


def _won(between: Between) -> Iterator[RenderableType]:
    """Say how much precision common patients gain."""
    known = sorted(
        difference["variance_ratio"]
        for difference in between["kpis"].values()
        if difference["variance_ratio"] is not None
    )
    if known:
        middle = known[len(known) // 2]
        yield Text()
        yield Text(
            f"The same patients in both: as precise as {short_ratio(middle)} times the replications on different "
            f"patients, for the median of these figures ({short_ratio(known[0])} to {short_ratio(known[-1])}).",
            style="dim",
        )


def short_ratio(value: float) -> str:
    """Write a variance ratio: two digits that count, no exponent."""
    return f"{float(f'{value:.2g}'):,.{1 if value < 10 else 0}f}"


def _until(document: CompareDocument) -> Iterator[RenderableType]:
    for aim in document["until"]:
        if aim["reached"]:
            yield Text(aim["told"][:1].upper() + aim["told"][1:] + ".")


def _meaning() -> Iterator[RenderableType]:
    yield Text()
    yield Text(
        "Differences are means over replications with the same patients in both scenarios, with Student's 95 % "
        "interval. A difference counts as seen if it is significant after Holm's correction for the number of "
        "figures; one that would be significant only if no other figure were tested is called 'perhaps'.",
        style="dim",
    )


def difference_rows(document: CompareDocument) -> list[dict[str, object]]:
    """Lay the differences out flat, by `COLUMNS`."""
    scenarios = {each["name"]: each for each in document["scenarios"]}
    rows: list[dict[str, object]] = []
    for between in document["differences"]:
        for name, difference in between["kpis"].items():
            low, high = difference["ci"] or (None, None)
            kpi = KPIS[name]
            values = (
                *(between["from"], between["to"], name, label_of(name, between["kpis"]), kpi.group, kpi.unit),
                *(scenarios[between[side]]["kpis"][name]["mean"] for side in ("from", "to")),
                *(
                    difference["mean"],
                    difference["sd"],
                    low,
                    high,
                    difference["n"],
                    difference["p"],
                    difference["p_holm"],
                ),
                *(difference["variance_ratio"], difference["verdict"]),
            )
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def differences_csv(document: CompareDocument) -> str:
    """Write the differences, one row each, numbers in full."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for line in difference_rows(document):
        rows.writerow([cell("" if value is None else value) for value in line.values()])
    return out.getvalue()
