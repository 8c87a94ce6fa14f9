"""The report of a forecast: when the clinic is full, how many boosters come, and how far relapse laws differ.

For a backtest: how good the forecast would have been.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simclinic.report.assumptions import assumptions
from simclinic.report.figures.backtest import backtest_chart
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.fan import booster_fan
from simclinic.report.figures.probability_full import probability_full
from simclinic.report.figures.relapse import own_laws, relapse
from simclinic.report.matters import matters
from simclinic.report.page import Block, Page
from simclinic.report.pages.front import titled
from simclinic.report.pages.reproduce import reproduce
from simclinic.report.text.backtest import score_sentences
from simclinic.report.text.forecast import (
    ROLES,
    TYPES,
    earlier_requests_sentence,
    full_sentence,
    limits_broken_sentence,
    role_rows,
    short_sentence,
    totals,
    type_rows,
)
from simclinic.report.text.numbers import NO_VALUE, amounts, plain, row, span
from simclinic.report.text.plainly import round_number
from simclinic.report.text.stability import VERDICTS
from simclinic.report.text.when_full import fullness, share_text
from simclinic.report.text.words import counted, first_day, from_heading
from simclinic.results.backtest import BacktestDocument
from simclinic.results.forecast import Band, ForecastDocument, RelapseForecast
from simclinic.scenario import Scenario
from simclinic.scenario.distributions import Distribution

_WEEKLY = (
    ("asked for", "booster_requests"),
    ("today's", "from_panel"),
    ("new", "from_new"),
    ("given", "boosters_given"),
    ("series", "induction"),
    ("used", "starts_used"),
    ("starts", "capacity"),
)


_TALLEST = 520
"""Of the chart on the first two pages, in pixels."""
_FIRST = (
    "Boosters asked for",
    "Boosters given",
    "Infusions of series",
    "Treatments of series",
    "Starts used, missed ones included",
    "Starts on offer",
)
"""Totals on the first two pages, besides the margin."""


def forecast_page(
    document: ForecastDocument,
    scenarios: Mapping[str, Scenario],
    evidence: Mapping[str, Distribution],
    manifest: Mapping[str, Any],
    scored: BacktestDocument | None = None,
) -> Page:
    """Make the page.

    Parameters
    ----------
    document
        What `forecast --json` prints.
    scenarios
        What was run, by the names of the document's laws.
    evidence
        The relapse laws of the evidence.
    manifest
        Of the folder.
    scored
        Output of `forecast --backtest --json`, if the forecast is a backtest.
    """
    first = next(iter(scenarios.values()))
    horizon, panel = document["horizon"], document["panel"]
    booked = f"{panel['consult']} booked for a consult, " if "consult" in panel else ""
    question = (
        f"How many boosters come in {counted(horizon['weeks'], 'week')} from {first_day(horizon['start'])}, "
        f"and when is the clinic full? It begins with {counted(panel['patients'], 'patient')}: "
        f"{booked}{panel['waiting']} waiting, {panel['series']} in a series, "
        f"{panel['maintained']} who may come back."
    )
    figures = list(_figures(document, scenarios, evidence))
    answer, good, warnings = list(answer_lines(document)), is_calm(document), document["warnings"]
    details = _details(document)
    if scored is not None:
        weeks = counted(horizon["weeks"], "week")
        question = f"How good would a forecast of {weeks} made on {scored['cut']} have been?"
        # A good score and a bad one are both answers; readers decide whether it is good enough.
        answer, good = [f"{text[:1].upper()}{text[1:]}." for text in score_sentences(scored)], None
        details = ""
        figures.insert(0, backtest_chart(scored))
        warnings = [*scored["warnings"], *(text for text in warnings if text not in scored["warnings"])]
    chart = _fitted(figures[0]) if figures else None
    return Page(
        study="forecast" if scored is None else "forecast --backtest",
        title=titled(document["scenario"], None if document["calibrated"] else panel),
        question=question,
        answer=answer,
        good=good,
        plans=_laws(document),
        chart=chart,
        matters=matters(first),
        details=details,
        warnings=warnings,
        figures=figures[1:],
        tables=list(_tables(document)),
        assumptions=assumptions(first),
        reproduce=reproduce(manifest),
    )


def is_calm(document: ForecastDocument) -> bool | None:
    """Return whether the clinic is full under no relapse law; None if that is open, or limits break, under one.

    Parameters
    ----------
    document
        What `forecast --json` prints.
    """
    states = {fullness(law["full_from"]) for law in document["laws"]}
    if "full" in states:
        return False
    return True if states == {"not"} and not any(map(_breaks, document["laws"])) else None


def _breaks(law: RelapseForecast) -> bool:
    """Return whether the answer names limits that break under a relapse law."""
    return law["verdict"] in ("not-stable", "filling") or law["day_verdict"] == "does-not-hold"


def _fitted(chart: Chart) -> Chart:
    """Make a chart low enough for the first two pages."""
    chart.drawing.layout["height"] = min(chart.drawing.layout.get("height", _TALLEST), _TALLEST)
    return chart


def _laws(document: ForecastDocument) -> Block | None:
    """Lay the totals under the relapse laws side by side."""
    laws = [law for law in document["laws"] if law["n"]]
    if not laws:
        return None
    weeks = counted(document["horizon"]["weeks"], "week")
    columns = [
        {str(label).strip(): cells for label, *cells in _totals(law, document["currency"])} for law in laws
    ]
    rows = [
        (label, *(f"{column[label][0]} ({column[label][1]})" for column in columns))
        for label in columns[0]
        if label in _FIRST or label.startswith("Margin")
    ]
    stands = ("How it stands", *(VERDICTS.get(law["verdict"] or "", NO_VALUE) for law in laws))
    full = ("Full in the last week", *(share_text(law["weeks"][-1]["full_probability"]) for law in laws))
    names = [law["name"] for law in laws] if len(laws) > 1 else ["all futures"]
    return Block(
        "The futures side by side",
        DataSheet.of(
            (f"In {weeks}", *names),
            [stands, full, *rows],
        ),
        f"The median of {counted(document['replications'], 'simulated future')}, and in brackets the range of "
        "eight in ten.",
    )


def answer_lines(document: ForecastDocument) -> Iterator[str]:
    """Answer in plain words: when the clinic is full, which limits break, and how many boosters come.

    Parameters
    ----------
    document
        What `forecast --json` prints.
    """
    laws = [law for law in document["laws"] if law["n"]]
    if not laws:
        yield "No future was finished, so there is no forecast."
        return
    if len(laws) > 1 and all(
        fullness(law["full_from"]) == "not" and not law["full_from"]["full"] for law in laws
    ):
        weeks, futures = (
            counted(document["horizon"]["weeks"], "week"),
            counted(laws[0]["n"], "simulated future"),
        )
        which = "either relapse law" if len(laws) == 2 else "any relapse law"
        yield f"Under {which} the clinic does not become full within {weeks}, in any of {futures}."
    else:
        yield from (_sentence(_unnamed(full_sentence(law), law, laws)) for law in laws)
    for law in laws:
        if _breaks(law):
            yield _sentence(_unnamed(limits_broken_sentence(law), law, laws))
    several = len(laws) > 1
    boosters = "; ".join(
        _roughly(law["total"]["booster_requests"]) + (f" with {law['name']}" if several else "")
        for law in laws
    )
    yield f"Boosters asked for in {counted(document['horizon']['weeks'], 'week')}: {boosters}{_apart(document)}."


def _unnamed(text: str, law: RelapseForecast, laws: Sequence[RelapseForecast]) -> str:
    """Leave the name of a relapse law out, if there is no other."""
    return text if len(laws) > 1 else text.removeprefix(f"{law['name']}: ")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _roughly(band: Band) -> str:
    middle, low, high = (
        NO_VALUE if each is None else round_number(each) for each in (band["p50"], band["p10"], band["p90"])
    )
    return f"about {middle} (in eight of ten futures {span(low, high)})"


def _details(document: ForecastDocument) -> str:
    """Answer in full, with the uncertainty."""
    if not any(law["n"] for law in document["laws"]):
        return "No future was finished, so there is no forecast."
    full = "; ".join(full_sentence(law) for law in document["laws"])
    several = len(document["laws"]) > 1
    boosters = "; ".join(
        _amount(law["total"]["booster_requests"]) + (f" with {law['name']}" if several else "")
        for law in document["laws"]
    )
    limits = "; ".join(limits_broken_sentence(law) for law in document["laws"])
    return (
        f"When is the clinic full? {full[:1].upper()}{full[1:]}. Are limits kept? "
        f"{limits[:1].upper()}{limits[1:]}. Boosters asked for in "
        f"{counted(document['horizon']['weeks'], 'week')}: "
        f"{boosters}, the median of {counted(document['replications'], 'simulated future')} and the range of eight "
        f"in ten of them{_apart(document)}{_kind(document)}."
    )


def _amount(band: Band) -> str:
    middle, low, high = row(band["p50"], band["p10"], band["p90"])
    return f"{middle} ({span(low, high)})"


def _apart(document: ForecastDocument) -> str:
    """Say how far the relapse laws differ."""
    middles = [law["total"]["booster_requests"]["p50"] for law in document["laws"]]
    known = [each for each in middles if each is not None]
    if len(known) < 2 or not max(known):
        return ""
    if min(known) <= 0:
        return "; under one relapse law there are none, under another there are"
    ratio = max(known) / min(known)
    if ratio < 1.05:
        return "; the relapse laws agree within a twentieth"
    return f"; the relapse laws disagree by a factor of {ratio:.1f}, which no number of futures makes smaller"


def _kind(document: ForecastDocument) -> str:
    if document["calibrated"]:
        return "; relapse was fitted to the clinic's own patients, and the bands include the uncertainty of the fit"
    if document["uncertain"]:
        return "; the bands include the uncertainty of the estimated settings"
    return "; settings are used as given, so the bands show chance only"


def _figures(
    document: ForecastDocument, scenarios: Mapping[str, Scenario], evidence: Mapping[str, Distribution]
) -> Iterator[Chart]:
    for shown in (booster_fan(document["laws"]), probability_full(document["laws"], document["full_limits"])):
        if shown is not None:
            yield shown
    if document["calibrated"]:
        # Fitted to all who finished a series, responders or not: no curve to hold against studies of responders.
        return
    laws: dict[str, Distribution] = {name: each.relapse.days for name, each in scenarios.items()}
    beside = {name: law for name, law in evidence.items() if law not in laws.values()}
    yield relapse(laws | own_laws(next(iter(scenarios.values()))) | beside)


def _tables(document: ForecastDocument) -> Iterator[Block]:
    for law in document["laws"]:
        which = f": {law['name']}" if len(document["laws"]) > 1 else ""
        yield Block(
            f"All {counted(len(law['weeks']), 'week')}{which}",
            DataSheet.of(("Figure", "middle", "10–90 %", "n"), list(_totals(law, document["currency"]))),
            "The median of the simulated futures, and the range of eight in ten.",
        )
    for law in document["laws"]:
        which = f": {law['name']}" if len(document["laws"]) > 1 else ""
        says = "The median of the simulated futures, and the range of eight in ten, over all weeks."
        if types := list(type_rows(law)):
            yield Block(f"By type of visit{which}", DataSheet.of(TYPES, types), says)
        if roles := list(role_rows(law)):
            headings = (*ROLES, f"pay, {document['currency']}")
            yield Block(f"By role{which}", DataSheet.of(headings, roles), f"{says} {short_sentence(law)}")
    for law in document["laws"]:
        which = f": {law['name']}" if len(document["laws"]) > 1 else ""
        yield Block(
            f"Week by week{which}",
            DataSheet.of(
                (
                    "Week",
                    from_heading(law["weeks"][0]["start"]),
                    *(name for name, _ in _WEEKLY),
                    "asked for, 10–90 %",
                    "full",
                ),
                [*_before(law), *(_week(week) for week in law["weeks"])],
            ),
            "Each value is the median of the simulated futures; used: starts that were used, missed ones included; "
            "full: share of futures in which the clinic is full."
            + (f" {text[:1].upper()}{text[1:]}." if (text := earlier_requests_sentence(law)) else ""),
        )


def _totals(law: RelapseForecast, currency: str) -> Iterator[tuple[object, ...]]:
    for label, scale, band, money in totals(law, currency):
        parts = [None if each is None else scale * each for each in (band["p50"], band["p10"], band["p90"])]
        middle, low, high = amounts(*parts) if money else row(*parts)
        yield label, middle, span(low, high), law["n"]


def _before(law: RelapseForecast) -> list[tuple[str, ...]]:
    """Lay out the boosters asked for before the first day, if there are any."""
    band = law["weeks"][0]["booster_requests_before"]
    if not band["mean"]:
        return []
    asked = plain(band["p50"], 0)
    rest = ("",) * (len(_WEEKLY) - 2)
    return [("", "before", asked, asked, *rest, span(plain(band["p10"], 0), plain(band["p90"], 0)), "")]


def _week(week: Any) -> tuple[str, ...]:  # noqa: ANN401 (a Week)
    asked, chance = week["booster_requests"], week["full_probability"]
    return (
        str(week["week"]),
        week["start"],
        *(plain(week[name]["p50"], 0) for _, name in _WEEKLY),
        span(plain(asked["p10"], 0), plain(asked["p90"], 0)),
        share_text(chance),
    )
