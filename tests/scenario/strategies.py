"""Random valid scenarios, as the tables of a file: the whole space that the rules leave open.

`scenarios()` draws few draws per setting, so that hypothesis can shrink; settings not drawn keep their defaults.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from simclinic.scenario.hours import WEEKDAYS, Hours, Span
from simclinic.scenario.weeks import EVERY_WEEK, Weeks

Tables = dict[str, Any]

share = st.floats(0, 1).map(lambda number: round(number, 6))
positive = st.floats(0.01, 1e4)
number = st.floats(0, 1e4)
referrals = st.floats(0, 400)
names = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)


def _clipped(draw: st.DrawFn, table: Tables) -> Tables:
    if draw(st.booleans()):
        table["at_least"] = draw(st.floats(0, 10))
    if draw(st.booleans()):
        table["at_most"] = draw(st.floats(10, 1e5))
    return table


SPREAD = {"dist": "uniform", "low": 4, "high": 6}
CLOSED = ("12-25", "12-24/01-02", "2026-07-06/2026-07-17")


@st.composite
def distributions(draw: st.DrawFn) -> Any:
    """A duration in any family, with or without bounds."""
    family = draw(st.sampled_from(
        ["number", "exponential", "uniform", "triangular", "normal", "median", "mu", "mean", "gamma", "weibull",
         "loglogistic", "empirical"]
    ))  # fmt: skip
    low, mode, high = sorted(draw(st.tuples(number, number, number)))
    match family:
        case "number":
            return draw(st.one_of(st.integers(0, 500), number))
        case "exponential":
            return _clipped(draw, {"dist": "exponential", "mean": draw(positive)})
        case "uniform":
            return _clipped(draw, {"dist": "uniform", "low": low, "high": high})
        case "triangular":
            return _clipped(draw, {"dist": "triangular", "low": low, "mode": mode, "high": high + 1.0})
        case "normal":
            return {"dist": "normal", "mean": draw(number), "sd": draw(positive), "at_least": low}
        case "median" | "mu":
            return _clipped(
                draw, {"dist": "lognormal", family: draw(st.floats(0.5, 5)), "sigma": draw(st.floats(0.1, 2))}
            )
        case "mean":
            return _clipped(draw, {"dist": "lognormal", "mean": draw(positive), "sd": draw(positive)})
        case "gamma":
            return _clipped(draw, {"dist": "gamma", "mean": draw(positive), "cv": draw(st.floats(0.05, 3))})
        case "weibull":
            return _clipped(
                draw, {"dist": "weibull", "shape": draw(st.floats(0.3, 9)), "scale": draw(positive)}
            )
        case "loglogistic":
            return _clipped(
                draw, {"dist": "loglogistic", "median": draw(positive), "shape": draw(st.floats(1.1, 9))}
            )
    return _clipped(draw, {"dist": "empirical", "values": draw(st.lists(number, min_size=1, max_size=5))})


def _lasting(distribution: Any, least: float) -> Any:
    """The distribution, nowhere shorter than this."""
    if not isinstance(distribution, dict):
        return max(distribution, least)
    return {**distribution, "at_least": max(distribution.get("at_least", 0.0), least)}


@st.composite
def times_to_relapse(draw: st.DrawFn) -> Any:
    """A distribution with a share who never relapse, and not at once."""
    distribution = _lasting(draw(distributions()), 0.04)
    return {**distribution, "never": draw(share)} if isinstance(distribution, dict) else distribution


@st.composite
def spans(draw: st.DrawFn, within: Span = Span(0, 1440), shortest: int = 60) -> Span:
    """A span of at least `shortest` minutes inside another."""
    start = draw(st.integers(within.start, within.end - shortest))
    return Span(start, draw(st.integers(start + shortest, within.end)))


SOME_WEEKS = [
    Weeks((1, 3)),
    Weeks((5,)),
    Weeks((), 2, dt.date(2026, 1, 10)),
    Weeks((), 52, dt.date(1999, 2, 7)),
]


@st.composite
def opening_hours(draw: st.DrawFn) -> Hours:
    """Opening hours of a day, with or without a pause, in every week or in some."""
    day, weeks = draw(spans()), draw(st.sampled_from([EVERY_WEEK, EVERY_WEEK, *SOME_WEEKS]))
    if draw(st.booleans()):
        return Hours((day,), weeks)
    begin, end = sorted(draw(st.tuples(*[st.integers(day.start + 1, day.end - 1)] * 2)))
    return Hours((day,) if begin == end else (Span(day.start, begin), Span(end, day.end)), weeks)


@st.composite
def shifts(draw: st.DrawFn, hours: dict[str, Hours]) -> Tables:
    """A shift that meets the opening hours, with or without a break."""
    day = draw(st.sampled_from(sorted(hours)))
    opening = hours[day]
    works = Span(draw(st.integers(0, opening.start)), draw(st.integers(opening.end, 1440)))
    shift: Tables = {
        "days": [day],
        "hours": str(works),
        "nurses": draw(st.integers(1, 5)),
        "absence": draw(share),
    }
    if hours[day].weeks.all:
        shift |= draw(st.sampled_from([EVERY_WEEK, *SOME_WEEKS])).written()
    if draw(st.booleans()):
        length = draw(st.integers(5, works.minutes // 3))
        start = draw(st.integers(works.start, works.end - 2 * length))
        shift |= {"break": str(Span(start, start + length)), "break_together": draw(st.booleans())}
    return shift


@st.composite
def protocols(draw: st.DrawFn) -> Tables:
    """A series of one or more infusions."""
    infusions = draw(st.integers(1, 8))
    first, low, high, last = sorted(draw(st.tuples(*[st.integers(1, 21)] * 4)))
    protocol: Tables = {"infusions": infusions, "response_ratio": draw(st.floats(0.5, 1))}
    if infusions > 1 or draw(st.booleans()):
        protocol["gap_days"] = [low, high]
        if draw(st.booleans()):
            protocol["permitted_gap_days"] = [first, last]
    if draw(st.booleans()):
        protocol["response"] = {"drop_out": draw(st.lists(share, min_size=1, max_size=4)), "stop_rule": False}
        protocol["relapse"] = {"follow_up_days": draw(st.integers(1, 999))}
        protocol["boosters"] = {
            "policy": draw(st.sampled_from(["scheduled", "both"])),
            "attrition": draw(share),
        }
    return protocol


@st.composite
def steps(draw: st.DrawFn) -> Tables:
    """Steps in a permitted order: some without a chair, some with, some without the patient."""
    result: Tables = {}
    before, seated, leaving = (draw(st.integers(low, 2)) for low in (0, 1, 0))
    for number in range(before + seated + leaving):
        nurse = draw(st.sampled_from(["hands-on", "watch", "none"]))
        # A visit takes a minute at the least.
        minutes = _lasting(draw(distributions()), 0.0 if number else 1.0)
        step: Tables = {"minutes": minutes, "first_visit_extra_minutes": draw(st.floats(0, 60))}
        if number < before:
            step["chair"] = False
        elif number >= before + seated:
            step["patient"] = False
            nurse = "none"
        step["nurse"] = nurse
        if nurse == "watch":
            step["patients_per_nurse"] = draw(st.integers(1, 6))
        result[f"step-{number}"] = step
    return result


@st.composite
def scenarios(draw: st.DrawFn) -> Tables:
    """The tables of a valid scenario file."""
    days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True))
    hours = {day: draw(opening_hours()) for day in days}
    roster = draw(st.dictionaries(names, shifts(hours), min_size=1, max_size=3))
    series = draw(st.dictionaries(names, protocols(), min_size=1, max_size=3))
    first, *others = sorted(series)
    mix = dict.fromkeys(others, 0.0) | {first: 1.0}
    if others:
        part = draw(share)
        mix = {first: part, others[0]: 1 - part}
    parts = draw(steps())
    seated = [name for name, step in parts.items() if step.get("patient", True)]
    walk_in = draw(st.booleans())
    booking: Tables = {
        "mode": "walk-in" if walk_in else "booked",
        "series": draw(st.sampled_from(["whole", "rolling"])),
    }
    if walk_in:
        booking |= {"patience_minutes": draw(distributions()), "waiting_room": draw(st.integers(0, 20))}
    elif draw(st.booleans()):
        booking["starts"] = {days[0]: [f"{hours[days[0]].start // 60:02d}:{hours[days[0]].start % 60:02d}"]}
    table: Tables = {
        "name": draw(st.text(st.characters(categories=["L", "N", "P", "Sm", "So"]), min_size=1, max_size=20)),
        "description": draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=50)),
        "run": {
            "start": draw(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))),
            "begin": "empty",
            "warm_up_weeks": draw(st.integers(0, 300)),
            "weeks": draw(st.integers(1, 300)),
            "seed": draw(st.integers(0, 2**128 - 1)),
        },
        "clinic": {
            "chairs": draw(st.integers(1, 1000)),
            "closed_on": draw(
                st.lists(
                    st.one_of(st.dates(), st.sampled_from(CLOSED)),
                    max_size=3,
                    unique=True,
                )
            ),
            "hours": {day: each.written() for day, each in hours.items()},
        },
        "shifts": roster,
        "demand": {"referrals_per_week": draw(referrals), "protocol_mix": mix},
        "intake": {"accepts": draw(share), "days_to_decide": draw(distributions())},
        "protocols": series,
        "booking": booking,
        "attendance": {"arrival_offset_minutes": draw(distributions()), "no_show": draw(st.floats(0, 0.5))},
        "visit": {
            "steps": parts,
            "complications": {
                name: {
                    "step": draw(st.sampled_from(seated)),
                    "probability": draw(share),
                    "extra_minutes": draw(distributions()),
                }
                for name in draw(st.lists(names, max_size=2, unique=True))
            },
        },
        "response": {"probability": draw(share), "drop_out": draw(st.lists(share, min_size=1, max_size=6))},
        "relapse": {"days": draw(times_to_relapse())},
        "boosters": {
            "policy": draw(st.sampled_from(["as-needed", "scheduled", "both"])),
            "every_weeks": draw(
                st.one_of(
                    st.integers(1, 12),
                    st.lists(st.one_of(st.integers(1, 12), st.just(SPREAD)), min_size=1, max_size=3),
                )
            ),
            "days": draw(times_to_relapse()),
        },
        "finance": {"price_per_infusion": draw(number)},
    }
    for date in draw(st.lists(st.dates(dt.date(2026, 1, 1), dt.date(2027, 1, 1)), max_size=2, unique=True)):
        table.setdefault("changes", {})[date.isoformat()] = {
            "clinic.chairs": draw(st.integers(1, 20)),
            f"shifts.{next(iter(roster))}.nurses": draw(st.integers(1, 5)),
            "demand.referrals_per_week": draw(referrals),
        }
    return table
