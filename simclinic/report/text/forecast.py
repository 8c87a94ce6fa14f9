"""The result of a forecast as text and for spreadsheets."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any, Literal

from rich import box
from rich.console import Group, RenderableType

from simclinic.report.text.numbers import amounts, plain, short, span
from simclinic.report.text.stability import DAY_HEADLINES, VERDICTS
from simclinic.report.text.summary import cell
from simclinic.report.text.table import Table, Text
from simclinic.report.text.when_full import limits_text, share_text, when_full_sentence
from simclinic.report.text.words import bullet, counted, from_heading, period
from simclinic.results.forecast import Band, ForecastDocument, ForecastWeek, RelapseForecast

FIGURES = tuple(name for name, kind in ForecastWeek.__annotations__.items() if "Band" in str(kind))
"""Figures of a week that are bands."""

_TOTALS = {
    "booster_requests_before": "Boosters asked for before, not yet booked",
    "booster_requests": "Boosters asked for",
    "from_panel": "  by today's patients",
    "from_new": "  by new ones",
    "boosters_given": "Boosters given",
    "induction": "Infusions of series",
    "starts_used": "Starts used, missed ones included",
    "capacity": "Starts on offer",
    "asked": "Asked for a series or a booster",
    "not_served": "  not served in time",
    "nurse_hours": "Nurse hours of work with patients",
    "nurse_hours_rostered": "Nurse hours rostered",
    "ketamine_mg": "Ketamine, g",
    "revenue": "Revenue",
    "margin": "Margin",
}


_WORTH_SAYING = 0.01
"""Share of futures from which a broken limit is named."""

_MIDDLES: tuple[
    Literal["from_panel", "from_new", "boosters_given", "induction", "starts_used", "capacity"], ...
] = ("from_panel", "from_new", "boosters_given", "induction", "starts_used", "capacity")


def full_sentence(law: RelapseForecast) -> str:
    """Say when the clinic is full under one relapse law."""
    weeks = law["weeks"]
    last = dt.date.fromisoformat(weeks[-1]["start"]) + dt.timedelta(days=6)
    return f"{law['name']}: {when_full_sentence(law['full_from'], len(weeks), last)}"


_BROKEN = {
    "balked_share": "too many new patients are turned away",
    "backlog_growth_per_week": "the waiting list grows too fast",
    "booster_backlog_growth_per_week": "the queue for boosters grows too fast",
    "overtime_day_share": "too many days end late",
    "started_on_time_share": "too few visits begin on time",
}


def limits_broken_sentence(law: RelapseForecast) -> str:
    """Give the verdict on the mean of one law's futures, and the share of futures in which a limit is broken."""
    verdict, day = law["verdict"], law["day_verdict"]
    mean = (
        f"by the mean of the futures the verdict is {VERDICTS[verdict]}"
        if verdict
        else "no future was finished"
    )
    if day:
        mean += f", and {DAY_HEADLINES[day].lower()}"
    broken = [
        f"{_BROKEN[name]} in {100 * share:.0f} %"
        for name, share in law["limits_broken"].items()
        if share is not None and share >= _WORTH_SAYING
    ]
    return f"{law['name']}: {mean}; of the futures, {', '.join(broken) or 'hardly any breaks a limit'}"


def earlier_requests_sentence(law: RelapseForecast) -> str | None:
    """Say how many boosters had been asked for before the first day; None if none in any future."""
    first = law["weeks"][0]
    band = first["booster_requests_before"]
    if not band["mean"]:
        return None
    return (
        f"before {first['start']}: {_middle(band)} ({span(plain(band['p10'], 0), plain(band['p90'], 0))}) boosters "
        "that were asked for, or due, and not yet booked; they are not among the requests of any week"
    )


def forecast_table(document: ForecastDocument) -> RenderableType:
    """Show the result of `forecast`.

    Parameters
    ----------
    document
        Its figures.
    """
    return Group(
        *_heading(document),
        *(bullet(text) for text in document["warnings"]),
        Text(),
        Text("When is the clinic full?"),
        *(bullet(full_sentence(law), "-") for law in document["laws"]),
        Text(),
        Text("Are limits kept?"),
        *(bullet(limits_broken_sentence(law), "-") for law in document["laws"]),
        *(part for law in document["laws"] for part in _law(law, document["currency"])),
        Text(),
        Text(
            "Asked for: boosters asked for in the week, by today's patients and new ones; Series: "
            f"{'treatments' if 'by_visit' in document['laws'][0] else 'infusions'} of series; Used: starts that "
            "were used, missed ones included; Starts: on the grid; Full: share of "
            f"futures in which the clinic is full. Each value is the median of {document['replications']:,} "
            "simulated futures; eight in ten of them lie within 10–90 %."
        ),
        Text(limits_text(document["full_limits"])),
    )


def _heading(document: ForecastDocument) -> Iterator[RenderableType]:
    horizon, panel = document["horizon"], document["panel"]
    yield Text(document["scenario"], style="bold")
    yield Text(
        f"{period(horizon, panel)}; {counted(document['replications'], 'future')}, seed {document['seed']}"
    )
    yield Text()
    if document["calibrated"]:
        many = len(document["uncertain"])
        yield Text(
            f"Fitted to the clinic's own patients; {many} estimated settings are drawn anew in each future."
        )
    elif document["uncertain"]:
        yield Text(f"{len(document['uncertain'])} estimated settings are drawn anew in each future.")
    else:
        yield Text("Settings are used as given: the bands show chance, not the uncertainty of the settings.")


def _law(law: RelapseForecast, currency: str) -> Iterator[RenderableType]:
    yield Text()
    yield Text(law["name"].upper(), style="bold")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("Week", justify="right")
    table.add_column(from_heading(law["weeks"][0]["start"]), no_wrap=True)
    for heading in ("Asked for", "10–90 %", "today's", "new", "Given", "Series", "Used", "Starts", "Full"):
        table.add_column(heading, justify="right")
    before = law["weeks"][0]["booster_requests_before"]
    if before["mean"]:
        asked_then = span(plain(before["p10"], 0), plain(before["p90"], 0))
        table.add_row("", "before", _middle(before), asked_then, _middle(before))
    for week in law["weeks"]:
        chance, asked = week["full_probability"], week["booster_requests"]
        table.add_row(
            str(week["week"]),
            week["start"],
            _middle(asked),
            span(plain(asked["p10"], 0), plain(asked["p90"], 0)),
            *(_middle(week[name]) for name in _MIDDLES),
            share_text(chance),
            style="bold" if chance is not None and chance >= 0.5 else None,
        )
    yield table
    before_told = earlier_requests_sentence(law)
    if before_told is not None:
        yield Text(f"{before_told[:1].upper()}{before_told[1:]}.")
        yield Text()
    sums = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    sums.add_column(f"All {counted(len(law['weeks']), 'week')}")
    sums.add_column("middle", justify="right")
    sums.add_column("10–90 %", justify="right")
    for label, scale, band, money in totals(law, currency):
        parts = band["p50"], band["p10"], band["p90"]
        middle, low, high = amounts(*parts) if money else [_scaled(each, scale) for each in parts]
        sums.add_row(label, middle, span(low, high))
    yield sums
    yield from _parts(law, currency)


def _parts(law: RelapseForecast, currency: str) -> Iterator[RenderableType]:
    """Show what roles do, and the visits of each type."""
    for headings, rows in ((TYPES, [*type_rows(law)]), ((*ROLES, f"pay, {currency}"), [*role_rows(law)])):
        if rows:
            table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
            for number, (heading, *column) in enumerate(zip(headings, *rows, strict=True)):
                longest = max(len(word) for cell in column for word in cell.split())
                table.add_column(heading, justify="right" if number else "left", min_width=longest)
            for cells in rows:
                table.add_row(*cells)
            yield table
    if told := short_sentence(law):
        yield Text(told)


ROLES = (
    "role",
    "in use, first 4 weeks, %",
    "in use, last 4 weeks, %",
    "hours of work",
    "hours on duty",
    "hours of overtime",
)
"""Headings of the table by role, before that of its pay."""
TYPES = ("type of visit", "visits", "first visits")


def role_rows(law: RelapseForecast) -> Iterator[tuple[str, ...]]:
    """Lay out what each role does: the medians over the futures, with the range of eight in ten."""
    for role, each in law.get("by_role", {}).items():
        total = each["total"]
        hours = (_ranged(total[name]) for name in ("hours", "hours_rostered", "overtime_hours"))
        yield (
            role,
            _ranged(each["first"], 100.0),
            _ranged(each["last"], 100.0),
            *hours,
            _ranged(total["pay"], money=True),
        )


def type_rows(law: RelapseForecast) -> Iterator[tuple[str, ...]]:
    """Lay out the visits of each type."""
    for kind, bands in law.get("by_visit", {}).items():
        yield kind, _ranged(bands["visits"]), _ranged(bands["first_visits"])


def short_sentence(law: RelapseForecast) -> str:
    """Say from when on which roles are short; empty where only nurses work."""
    roles = law.get("by_role", {})
    if not roles:
        return ""
    limit = f"{100 * next(iter(roles.values()))['short_share']:.0f} % of the time on duty"
    found = [
        f"{role} from week {each['short_in_week']} ({each['weeks'][each['short_in_week']]['start']}) on"
        for role, each in roles.items()
        if each["short_in_week"] is not None
    ]
    short = "; ".join(found) if found else "none"
    return (
        f"Short of time: {short}. A role counts as short if its hands or its eyes are in use for at least {limit} "
        "over four weeks, in at least half of the futures (an assumed limit). Being on site occupies nobody."
    )


def _ranged(band: Band, scale: float = 1.0, *, money: bool = False) -> str:
    """Write a median with the range of eight in ten, in whole numbers; without one that is the median itself."""
    parts = band["p50"], band["p10"], band["p90"]
    whole = (plain(None if each is None else scale * each, 0) for each in parts)
    middle, low, high = amounts(*parts) if money else whole
    return middle if low == middle == high else f"{middle} ({span(low, high)})"


def totals(law: RelapseForecast, currency: str) -> Iterator[tuple[str, float, Band, bool]]:
    """List the totals over all weeks: label, scale factor, band over the futures, and whether it is money."""
    for name, words in _TOTALS.items():
        label = words.replace("Infusions", "Treatments") if "by_visit" in law else words
        money = name in ("revenue", "margin")
        text = f"{label}, {currency}" if money else label
        yield text, 0.001 if name == "ketamine_mg" else 1.0, law["total"][name], money


def _scaled(value: float | None, scale: float) -> str:
    return short(None if value is None else value * scale)


def _middle(band: Band) -> str:
    return plain(band["p50"], 0)


def weeks_csv(document: ForecastDocument) -> str:
    """Write every week of every law for a spreadsheet: one row each."""
    file = io.StringIO()
    sheet = csv.writer(file, lineterminator="\n")
    parts = ("p10", "p50", "p90", "mean")
    sheet.writerow(
        [
            "law",
            "week",
            "start",
            *(f"{name}_{part}" for name in FIGURES for part in parts),
            "full_probability",
            "full_by_probability",
        ]
    )
    for law in document["laws"]:
        for week in law["weeks"]:
            bands: list[Any] = [week[name][part] for name in FIGURES for part in parts]  # type: ignore[literal-required]
            sheet.writerow(
                [
                    cell(law["name"]),
                    week["week"],
                    week["start"],
                    *bands,
                    week["full_probability"],
                    week["full_by_probability"],
                ]
            )
    return file.getvalue()
