"""Tables written by hand: a few patients and visits, each time a number anyone can check with a pencil."""

from datetime import date

import numpy as np

from simclinic import records as r

STEPS = ("preparation", "infusion", "recovery", "discharge", "turnover")

CLINIC = """
name = "On paper"
[run]
start = 2026-01-05
begin = "empty"
warm_up_weeks = 1
weeks = 2
[clinic]
chairs = 3
[protocols.pair]
infusions = 2
gap_days = [3, 4]
permitted_gap_days = [2, 7]
[demand.protocol_mix]
pair = 1.0
[finance]
price_per_infusion = 600.0
price_per_booster = 500.0
price_consult = 250.0
no_show_fee = 20.0
nurse_hour = 45.0
on_costs = 1.3
overtime_factor = 1.5
chair_day = 100.0
supplies_per_infusion = 25.0
drug_per_infusion = 5.0
fixed_per_week = 100.0
"""


def at(day, minute=0.0):
    """Minutes since midnight of the first measured day."""
    return float(day * r.DAY + minute)


def _table(columns, rows):
    table = r.blank(columns, len(rows))
    for place, row in enumerate(rows):
        for name, value in row.items():
            if name != "steps":
                table[name][place] = value
    return table


def write(
    patients=(),
    visits=(),
    days=(),
    *,
    weeks=2,
    first_day=-7,
    start=date(2026, 1, 5),
    steps=STEPS,
    protocols=("pair",),
):
    """Make records of rows given as dictionaries; whatever a row leaves out has not happened."""
    visit_table = _table(r.VISIT_COLUMNS, visits)
    for name, end in (("step_start", 0), ("step_end", 1)):
        visit_table[name] = np.full((len(visits), len(steps)), np.nan)
        for place, row in enumerate(visits):
            for step, times in enumerate(row.get("steps", ())):
                visit_table[name][place, step] = times[end]
    rosters = ("rostered", "present", "shift_from", "shift_to")
    day_table = _table(r.DAY_COLUMNS, [{k: v for k, v in row.items() if k not in rosters} for row in days])
    shifts = max((len(row["rostered"]) for row in days if "rostered" in row), default=0)
    for name in rosters:
        number = name in ("rostered", "present")
        day_table[name] = np.full(
            (len(days), shifts), 0 if number else np.nan, dtype=int if number else float
        )
        for place, row in enumerate(days):
            if name in row:
                day_table[name][place] = row[name]
    return r.Records(
        start=start,
        first_day=first_day,
        days_measured=7 * weeks,
        protocols=protocols,
        steps=steps,
        shifts=tuple(f"shift-{k}" for k in range(shifts)),
        patients=_table(r.PATIENT_COLUMNS, patients),
        visits=visit_table,
        days=day_table,
    )


def flow(day, *, prep, infusion=None, recovery=None, discharge=None, lengths=(15, 40, 30, 10, 10)):
    """Step times of a visit on a day: each step begins when the one before ends, unless it is told when."""
    steps, now = [], prep
    for begin, minutes in zip((prep, infusion, recovery, discharge, None), lengths, strict=True):
        now = now if begin is None else begin
        steps.append((at(day, now), at(day, now + minutes)))
        now += minutes
    return steps


def completed(day, appointment, arrived, chair, steps, **more):
    """A visit that took place; the chair is held until the end of turnover, the patient leaves before it."""
    return {
        "appointment": at(day, appointment),
        "booked": at(day - 2),
        "arrived": at(day, arrived),
        "chair": 1.0,
        "chair_from": at(day, chair),
        "chair_free": steps[-1][1],
        "left": steps[-2][1],
        "decided": steps[-2][1],
        "outcome": r.COMPLETED,
        "wait_chair": 0.0,
        "wait_hands": 0.0,
        "wait_eyes": 0.0,
        "steps": steps,
        **more,
    }


def weekdays(first=-7, last=14, **more):
    """Days of the clinic on paper: Monday to Friday 8 to 17, three chairs, two nurses from 7:30 to 17:30."""
    days = []
    for day in range(first, last):
        row = {"day": day, "chairs": 3}
        if day % 7 < 5:
            row |= {
                "opening": at(day, 480),
                "closing": at(day, 1020),
                "starts": 4,
                "rostered": [2],
                "present": [2],
                "shift_from": [at(day, 450)],
                "shift_to": [at(day, 1050)],
            }
        days.append(row | more)
    return days
