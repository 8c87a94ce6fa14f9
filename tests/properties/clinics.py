"""Hypothesis makes clinics: small, odd, and with everything in them."""

import datetime

from hypothesis import reject
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.model.small import MONDAY, clinic
from tests.model.today import panel, someone

STAGES = ("waiting", "series", "maintained", "maintained")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


def span(start, end):
    return f"{clock(start)}-{clock(end)}"


@st.composite
def hours(draw):
    """Opening hours of some weekdays, quarter hours, with or without a pause or weeks off, or round the clock."""
    days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=2, max_size=7, unique=True))
    if draw(st.integers(0, 5)) == 0:
        return dict.fromkeys(days, "24h")
    opening = draw(st.integers(26, 44)) * 15
    closing = opening + draw(st.integers(16, 40)) * 15
    table = dict.fromkeys(days, span(opening, closing))
    if draw(st.booleans()):
        table[days[0]] = span(opening + 60, closing - 30)
    if draw(st.booleans()):
        noon = opening + draw(st.integers(1, 7)) * 15
        table[days[-1]] = [span(opening, noon), span(noon + draw(st.integers(1, 8)) * 15, closing)]
    if draw(st.booleans()):
        weeks = draw(st.sampled_from([{"weeks": [1, 3]}, {"every": 2, "from": datetime.date(2026, 1, 7)}]))
        table[days[-1]] = {"hours": table[days[-1]], **weeks}
    return table


def first_hour(opened):
    """The hour of the earliest opening; nine where the clinic never closes."""
    tables = [hours["hours"] if isinstance(hours, dict) else hours for hours in opened.values()]
    firsts = [hours if isinstance(hours, str) else hours[0] for hours in tables]
    return min(9 if hours == "24h" else int(hours[:2]) for hours in firsts)


@st.composite
def two_shifts(draw, opened):
    """Two shifts, the first over early: they overlap, meet, or leave a time in which nobody is there."""
    start = 60 * first_hour(opened)
    end = start + draw(st.integers(6, 16)) * 15
    again = end + draw(st.sampled_from([-6, -3, 0, 1, 4])) * 15
    spans = {"early": span(start, end), "late": span(again, min(again + 300, 1439))}
    return {
        name: {
            "days": sorted(opened),
            "hours": hours,
            "nurses": 1 if name == "late" else draw(st.integers(1, 3)),
        }
        for name, hours in spans.items()
    }


@st.composite
def shifts(draw, opened):
    made, end = {}, 1440
    for name in draw(st.sampled_from([["day"], ["early", "late"]])):
        first = 60 * first_hour(opened)
        start = max(0, first + draw(st.integers(-6, 8)) * 15)
        if end <= 1080 and draw(st.booleans()):
            start = end + draw(st.integers(0, 6)) * 15  # nobody is there between the two
        end = min(1440, start + draw(st.integers(12, 44)) * 15)
        if all(hours == "24h" for hours in opened.values()) and draw(st.booleans()):
            start, end = 0, 1440
        shift = {
            "days": sorted(opened),
            "hours": span(start, end) if (start, end) != (0, 1440) else "24h",
            "nurses": draw(st.integers(1, 3)),
            "absence": draw(st.sampled_from([0.0, 0.0, 0.2, 0.6])),
        }
        if draw(st.booleans()):
            pause = start + draw(st.integers(0, 4)) * 15
            shift["break"] = span(pause, pause + draw(st.sampled_from([15, 30])))
            shift["break_together"] = draw(st.booleans())
        made[name] = shift
    return made


@st.composite
def minutes(draw):
    mean = draw(st.integers(5, 60))
    return draw(
        st.sampled_from(
            [
                mean,
                {"dist": "exponential", "mean": mean, "at_least": 1},
                {"dist": "gamma", "mean": mean, "cv": 0.4, "at_least": 1},
                {"dist": "uniform", "low": 1, "high": 2 * mean},
            ]
        )
    )


@st.composite
def steps(draw):
    count = draw(st.integers(1, 4))
    seated = draw(st.integers(0, count - 1))
    risen = draw(st.integers(seated, count - 1))
    made = {}
    for place in range(count):
        step = {"minutes": draw(minutes()), "chair": seated <= place <= risen}
        step["nurse"] = draw(st.sampled_from(["hands-on", "watch", "watch", "none"]))
        if step["nurse"] == "watch":
            step["patients_per_nurse"] = draw(st.integers(1, 4))
        if place == 0:
            step["first_visit_extra_minutes"] = draw(st.sampled_from([0, 20]))
        made[f"step-{place}"] = step
    if draw(st.booleans()) and risen == count - 1:
        made["turnover"] = {
            "minutes": draw(minutes()),
            "patient": False,
            "nurse": draw(st.sampled_from(["none", "hands-on"])),
        }
    return made


@st.composite
def protocol(draw):
    low = draw(st.integers(1, 4))
    high = low + draw(st.integers(0, 2))
    return {
        "infusions": draw(st.integers(1, 4)),
        "gap_days": [low, high],
        "permitted_gap_days": [max(1, low - draw(st.integers(0, 2))), high + draw(st.integers(0, 3))],
        "response_ratio": draw(st.sampled_from([1.0, 0.7])),
    }


shares = st.sampled_from([0.0, 0.1, 0.3])
days_between = st.sampled_from(
    [
        1,
        4,
        {"dist": "exponential", "mean": 4},
        {"dist": "lognormal", "mu": 1.5, "sigma": 0.8, "never": 0.2},
    ]
)
offsets = st.sampled_from(
    [
        0,
        -10,
        {"dist": "normal", "mean": -8, "sd": 10},
        {"dist": "uniform", "low": -20, "high": 20, "at_most": 0},
    ]
)


@st.composite
def booking(draw, mode):
    rules = {"mode": mode}
    if mode == "walk-in":
        if draw(st.booleans()):
            rules["patience_minutes"] = draw(st.sampled_from([20, {"dist": "exponential", "mean": 30}]))
        if draw(st.booleans()):
            rules["waiting_room"] = draw(st.integers(0, 4))
        return rules
    rules |= {
        "series": draw(st.sampled_from(["whole", "whole", "rolling"])),
        "notice_days": draw(st.integers(0, 3)),
        "booster_notice_days": draw(st.integers(0, 2)),
        "window_weeks": draw(st.integers(2, 5)),
        "patience_days": draw(st.integers(3, 20)),
        "prefer_days": draw(st.integers(0, 8)),
        "start_every_minutes": draw(st.sampled_from([15, 20, 45])),
        "booster_reserve": draw(st.sampled_from([0.0, 0.0, 0.3])),
        "release_days": draw(st.integers(0, 3)),
    }
    for cap, most in (("max_series_starts_per_week", 6), ("max_patients_in_series", 8)):
        if draw(st.integers(0, 3)) == 0:
            rules[cap] = draw(st.integers(1, most))
    return rules


@st.composite
def laws(draw):
    """Draw what a protocol says itself of response, relapse and boosters."""
    said = {
        "response": {"probability": draw(shares), "drop_out": [draw(shares), 0.0]},
        "relapse": {"days": draw(days_between)},
        "boosters": {
            "policy": draw(st.sampled_from(["as-needed", "scheduled", "both"])),
            "every_weeks": [1],
            "infusions": draw(st.sampled_from([1, 2, 3])),
            "check_in_days": draw(st.integers(1, 7)),
        },
    }
    return {section: said[section] for section in draw(st.sets(st.sampled_from(sorted(said)), min_size=1))}


@st.composite
def clinics(draw, mode=None, *, today=False, split=False):
    """Draw a valid scenario of two to four weeks; if `split`, with two shifts and many patients."""
    mode = draw(st.sampled_from(["booked", "booked", "walk-in"])) if mode is None else mode
    opened = draw(hours())
    roster = draw(two_shifts(opened) if split else shifts(opened))
    visit = draw(steps())
    share = draw(st.sampled_from([1.0, 0.6]))
    weeks = draw(st.integers(2, 4))
    tables = {
        "run": {
            "begin": "empty",
            "warm_up_weeks": draw(st.integers(0, 1)),
            "weeks": weeks,
            "seed": draw(st.integers(0, 10**6)),
        },
        "clinic": {"chairs": draw(st.integers(1, 4)), "hours": opened},
        "shifts": roster,
        "demand": {
            "referrals_per_week": 40.0 if split else draw(st.sampled_from([2.0, 6.0, 12.0, 25.0])),
            "protocol_mix": {"one": share, "two": round(1 - share, 3)},
        },
        "intake": {"contraindicated": draw(shares), "consult_no_show": draw(shares), "accepts": 0.8},
        "protocols": {"one": draw(protocol()), "two": draw(protocol())},
        "booking": draw(booking(mode)),
        "attendance": {
            "no_show": draw(shares),
            "late_cancel": draw(shares),
            "cancel_notice_days": draw(st.integers(0, 3)),
            "rebooks": draw(st.sampled_from([1.0, 0.7])),
            "rebooks_booster": draw(st.sampled_from([1.0, 0.5])),
            "arrival_offset_minutes": draw(offsets),
        },
        "visit": {"steps": visit},
        "response": {"probability": 0.9, "drop_out": [draw(shares)]},
        "relapse": {"days": draw(days_between), "follow_up_days": draw(st.sampled_from([10, 365]))},
        "boosters": {
            "policy": draw(st.sampled_from(["as-needed", "scheduled", "both"])),
            "every_weeks": draw(st.sampled_from([[1], [1, 2]])),
            "uptake": draw(st.sampled_from([1.0, 0.7])),
            "attrition": draw(shares),
            "days": draw(days_between),
            "self_report": draw(st.sampled_from([0.0, 0.5, 1.0])),
            "check_in_days": draw(st.integers(1, 7)),
            "infusions": draw(st.sampled_from([1, 1, 2])),
            "lengthening": draw(st.sampled_from([1.0, 1.2])),
        },
    }  # fmt: skip
    if draw(st.booleans()):
        tables["protocols"]["two"] |= draw(laws())
    if draw(st.booleans()):
        tables["response"]["stop_rule"] = {"after": 1, "sensitivity": 0.9, "specificity": 0.6}
    if draw(st.booleans()):
        tables["visit"]["complications"] = {
            "late": {"step": "step-0", "probability": 0.2, "from_infusion": 2, "extra_minutes": 45}
        }
    closed = draw(st.lists(st.integers(0, 7 * weeks), max_size=4, unique=True))
    tables["clinic"]["closed_on"] = [MONDAY + datetime.timedelta(days=day) for day in closed]
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(roster)))
        date = MONDAY + datetime.timedelta(days=draw(st.integers(1, 7 * weeks - 1)))
        tables["changes"] = {
            date.isoformat(): draw(
                st.sampled_from(
                    [
                        {"clinic.chairs": draw(st.integers(1, 5))},
                        {f"shifts.{name}.nurses": draw(st.integers(0, 4))},
                        {f"shifts.{name}.absence": 0.5},
                        {"demand.referrals_per_week": 15.0},
                    ]
                )
            )
        }
    if today:
        tables["run"]["warm_up_weeks"] = 0
    try:
        return clinic(tables)
    except ValidationError:
        reject()  # a shift that never meets the opening hours, a break beyond its end


@st.composite
def moments(draw, first, last):
    """Some day, as a date or with a time."""
    day = draw(st.integers(first, last))
    return draw(st.sampled_from([day, (day, 0), (day, 9.4), (day, 13), (day, 23.9)]))


@st.composite
def patients(draw, scenario, key):
    """Draw one of today's patients."""
    protocol = draw(st.sampled_from(sorted(scenario.protocols)))
    series = scenario.protocols[protocol].infusions
    stage = draw(st.sampled_from(STAGES))
    if stage == "series" and series == 1:
        stage = "maintained"
    given = {"waiting": 0, "maintained": series}.get(stage) or draw(st.integers(1, max(series - 1, 1)))
    given = 0 if stage == "waiting" else given
    return someone(
        stage,
        key=key,
        protocol=protocol,
        given=given,
        boosters=draw(st.sampled_from([0, 0, 1, 3, 8])) if stage == "maintained" else 0,
        last=None if stage == "waiting" else draw(st.one_of(moments(-15, -1), moments(-400, -1))),
        ahead=draw(st.one_of(st.none(), st.none(), moments(0, 9), moments(0, 60))),
        referred=draw(st.one_of(st.none(), moments(-900, -500))),
    )


@st.composite
def panels(draw, scenario):
    """Draw today's patients of a scenario."""
    count = draw(st.integers(0, 25))
    return panel(*(draw(patients(scenario, key)) for key in range(count)))
