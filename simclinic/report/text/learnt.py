"""What a calibration has learnt, in six lines for those who run the clinic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simclinic.report.text.numbers import short
from simclinic.report.text.words import counted


def learnt_lines(document: Mapping[str, Any]) -> list[str]:
    """Say in six lines what was learnt: patients, series, missed appointments, visits, returns, boosters.

    Parameters
    ----------
    document
        Output of `calibrate --json`. What it could not estimate is missing in the lines. In brackets are 95 %
        intervals.
    """
    found = {each["parameter"]: each for each in document["estimates"]}
    return [line for line in _lines(found) if line]


def today_line(document: Mapping[str, Any]) -> str:
    """Say who today's patients are."""
    panel, as_of = document["panel"], document["export"]["as_of"]
    count = panel["series"] + panel["maintained"]
    return (
        f"Today's patients, on {as_of}: {count:,}, of whom {panel['series']:,} are in a series and "
        f"{panel['maintained']:,} may come back for a booster."
    )


def read_line(document: Mapping[str, Any]) -> str:
    """Say what was read."""
    export = document["export"]
    return (
        f"Read: {counted(export['rows'], 'row')} of {counted(export['patients'], 'patient')}, {export['first']} to "
        f"{export['last']}: {export['completed']:,} completed visits, {export['no_show']:,} no-shows, "
        f"{export['cancelled']:,} cancelled, {export['booked']:,} still to come."
    )


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    if each := found.get("demand.referrals_per_week"):
        yield f"New patients who begin a series each week: {_number(each)}, from {counted(each['n'], 'patient')}."
    infusions, stop = found.get("infusions of a series"), found.get("response.drop_out.1")
    parts = []
    if infusions and infusions["estimate"] is not None:
        parts.append(f"A series has {counted(round(infusions['estimate']), 'infusion')}")
    if stop and stop["estimate"] is not None:
        parts.append(f"{_share(stop)} of the patients do not come again after the first infusion")
    if parts:
        yield "; ".join(parts) + "."
    missed, late = found.get("attendance.no_show"), found.get("attendance.late_cancel")
    if missed and late and missed["n"]:
        yield (
            f"{_share(missed)} of the appointments are no-shows, and {_share(late)} are cancelled late, from "
            f"{counted(missed['n'], 'appointment')}."
        )
    if (each := found.get("minutes of a visit")) and each["estimate"] is not None:
        yield f"Minutes of a visit, on average: {_number(each)}, from {counted(each['n'], 'visit')}."
    for event, who in (("series", "patients who finish a series"), ("booster", "patients after a booster")):
        share = found.get(f"return_share after a {event}")
        median = found.get(f"median days to return after a {event}")
        if share is None or share["estimate"] is None:
            continue
        half = ""
        if median and median["estimate"] is not None:
            half = f"; half of those come within {round(median['estimate'])} days"
        yield f"{_share(share)} of the {who} come back{half}."


def _number(each: Mapping[str, Any]) -> str:
    return f"{short(each['estimate'])}{_between(each, 1.0, '')}"


def _share(each: Mapping[str, Any]) -> str:
    return f"{_percent(100 * each['estimate'])} %{_between(each, 100.0, ' %')}"


def _between(each: Mapping[str, Any], scale: float, unit: str) -> str:
    if each["low"] is None or each["high"] is None:
        return ""
    write = _percent if unit else short
    return f" ({write(scale * each['low'])} to {write(scale * each['high'])}{unit})"


def _percent(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
