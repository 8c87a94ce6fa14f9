"""Exports for tests: three patients written by hand, and many whose returns follow a known distribution."""

import datetime as dt

import numpy as np

THREE = """\
patient,date,status
ann,2026-01-05,completed
ann,2026-01-08,completed
ann,2026-01-12,completed
ann,2026-02-09,completed
ben,2026-01-06,completed
ben,2026-01-09,no-show
ben,2026-01-13,completed
ben,2026-01-16,completed
cleo,2026-01-07,completed
cleo,2026-01-12,cancelled
"""
"""Ann has three infusions, 3 and 4 days apart, and a booster four weeks later. Ben has three, one late after a
no-show, and does not come back. Cleo comes once and cancels. The clinic works on Mondays and Tuesdays regularly."""

MU, SIGMA, NEVER = 2.9, 0.5, 0.4
MU_BOOSTER, SIGMA_BOOSTER, NEVER_BOOSTER = 3.3, 0.4, 0.15


def open_day(day: int) -> int:
    """Return the first day from Monday to Friday on or after a day."""
    weekday = (day - 1) % 7
    return day if weekday < 5 else day + 7 - weekday


def rows(weeks: int, per_week: float, seed: int, *, name: str = "pt{:05d}") -> list[tuple[str, int, str]]:
    """Make visits: patient, day, kind. Six infusions, then returns by these distributions; none is missed."""
    rng = np.random.default_rng(seed)
    start = dt.date(2024, 1, 1).toordinal()
    end = start + 7 * weeks
    results = []
    for number in range(rng.poisson(per_week * weeks)):
        patient = name.format(number)
        day = open_day(start + int(rng.integers(7 * weeks)))
        for infusion in range(6):
            day = open_day(day + (3 if infusion else 0))
            results.append((patient, day, "induction"))
        mu, sigma, never = MU, SIGMA, NEVER
        while day < end and rng.random() >= never:
            day = open_day(day + int(np.ceil(np.exp(mu + sigma * rng.standard_normal()))))
            results.append((patient, day, "booster"))
            mu, sigma, never = MU_BOOSTER, SIGMA_BOOSTER, NEVER_BOOSTER
    return [row for row in results if row[1] < end]


def export(made: list[tuple[str, int, str]], *, kinds: bool = False) -> str:
    """Write visits as an export, by date."""
    lines = ["MRN,Appointment Date,Status" + (",Type" if kinds else "")]
    for patient, day, kind in sorted(made, key=lambda row: (row[1], row[0])):
        date = dt.date.fromordinal(day)
        lines.append(f"{patient},{date:%m/%d/%Y} 09:30,Completed" + (f",{kind}" if kinds else ""))
    return "\n".join(lines) + "\n"
