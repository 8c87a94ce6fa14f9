"""Demand on paper: series, boosters and starts per week.

These are expectations computed from the scenario's shares, for a clinic that serves every patient at once and whose
boosters are steady. A clinic whose demand exceeds its capacity on paper is full: that needs no simulation.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import NamedTuple, NotRequired, TypedDict

import numpy as np

from simclinic.sampling.distributions import cdf, mean
from simclinic.sampling.intervals import mean_weeks
from simclinic.sampling.referrals import Referrals
from simclinic.scenario import Scenario
from simclinic.scenario.laws import Laws
from simclinic.scenario.response import Response
from simclinic.scenario.schedules import schedule_of

_COURSES = 10_000  # far more than any patient has
_LATER = 1000  # courses after which a schedule has reached its last interval
_EXTREME = 1e9


class DemandOnPaper(TypedDict):
    """Demand per week when no patient is turned away and boosters are steady; consults only if they are visits."""

    referrals: float
    series: float
    induction: float
    boosters: float | None
    starts: float | None
    consults: NotRequired[float]


class Series(NamedTuple):
    """The expected series of one patient.

    Attributes
    ----------
    infusions
        Given.
    starts
        Used on the grid, by visits and no-shows.
    completed
        Probability that all infusions are given.
    by_infusion
        The starts used by each infusion.
    """

    infusions: float
    starts: float
    completed: float
    by_infusion: tuple[float, ...]


class Programme(NamedTuple):
    """The expected booster programme of one responder who completed the series.

    Attributes
    ----------
    courses
        Booster courses over the years; None if they never end.
    weeks_between
        From one course to the next.
    """

    courses: float | None
    weeks_between: float


def demand(scenario: Scenario) -> DemandOnPaper | None:
    """Compute demand on paper; None if missed visits are rebooked without end."""
    attends = _Attendance(scenario)
    if attends.comes <= 0:
        return None
    referrals = _referrals_per_week(scenario)
    series = referrals * accepted(scenario)
    induction = starts = 0.0
    completing: dict[Laws, float] = {}
    for laws, one, share, responds in _all_series(scenario, attends):
        induction += series * share * one.infusions
        starts += series * share * one.starts
        if responds:
            completing[laws] = completing.get(laws, 0.0) + series * share * one.completed
    boosters = _boosters(completing)
    wanted = DemandOnPaper(
        referrals=referrals,
        series=series,
        induction=induction,
        boosters=boosters,
        starts=None
        if boosters is None
        else starts + boosters * (1 - attends.cancels) / attends.comes + referrals * consults(scenario),
    )
    if scenario.intake.visit is not None:
        wanted["consults"] = referrals * consults(scenario)
    return wanted


def _boosters(completing: dict[Laws, float]) -> float | None:
    """Return the boosters a week of patients who complete a series and respond, by their laws; None: endless."""
    boosters = 0.0
    for laws, patients in completing.items():
        courses = programme(laws).courses if patients else 0.0
        if courses is None:
            return None
        boosters += patients * courses * laws.boosters.infusions
    return boosters


class Asked(NamedTuple):
    """The starts that one new patient of a protocol is expected to use.

    Attributes
    ----------
    series
        Of each infusion of the series.
    boosters
        Of all boosters; None if they never end.
    typical_booster
        Number of the booster in the middle of the programme of a patient who has boosters.
    """

    series: tuple[float, ...]
    boosters: float | None
    typical_booster: int


def asked_by(scenario: Scenario, name: str) -> Asked:
    """Compute the starts that one new patient of a protocol uses; none if no visit is ever attended."""
    protocol, laws, attends = scenario.protocols[name], scenario.laws[name], _Attendance(scenario)
    if attends.comes <= 0:
        return Asked((0.0,) * protocol.infusions, 0.0, 1)
    respond = laws.response.probability * protocol.response_ratio
    both = [
        (_series(laws.response, protocol.infusions, attends, responds=responds), weight)
        for responds, weight in ((True, respond), (False, 1 - respond))
    ]
    series = tuple(
        sum(weight * one.by_infusion[number] for one, weight in both) for number in range(protocol.infusions)
    )
    completing = both[0][1] * both[0][0].completed
    courses = programme(laws).courses if completing else 0.0
    each = 0.0 if courses is None else courses * laws.boosters.infusions
    used = None if courses is None else completing * each * (1 - attends.cancels) / attends.comes
    return Asked(series, used, max(1, round(each / 2)))


def accepted(scenario: Scenario) -> float:
    """Return the share of referred patients who go on to a series."""
    intake = scenario.intake
    return (1 - intake.contraindicated) * (1 - intake.consult_no_show) * intake.accepts


def consults(scenario: Scenario) -> float:
    """Return the starts for consults that a referred patient is expected to use; none where they are no visits.

    A missed consult wastes its start; in a walk-in clinic there is none to waste.
    """
    intake = scenario.intake
    if intake.visit is None:
        return 0.0
    comes = 1.0 if scenario.booking.mode == "booked" else 1 - intake.consult_no_show
    return (1 - intake.contraindicated) * comes


def responders(scenario: Scenario) -> float:
    """Return the share of patients who complete their series and respond, of those who begin one."""
    return sum(responders_by_laws(scenario).values())


def responders_by_laws(scenario: Scenario) -> dict[Laws, float]:
    """Return that share, divided by the laws that hold for these patients."""
    attends = _Attendance(scenario)
    shares: dict[Laws, float] = {}
    for laws, one, share, responds in _all_series(scenario, attends) if attends.comes > 0 else ():
        if responds:
            shares[laws] = shares.get(laws, 0.0) + share * one.completed
    return shares


def laws_in_use(scenario: Scenario, before: dt.date | None = None) -> tuple[Laws, ...]:
    """Return the laws of protocols that new patients get at any time, or at any time before a date, each once."""
    dates = [dt.date.min, *(date for date in scenario.change_dates if before is None or date < before)]
    mixes = [scenario.at(date).demand.protocol_mix for date in dates]
    used = [laws for name, laws in scenario.laws.items() if any(mix.get(name) for mix in mixes)]
    return tuple(dict.fromkeys(used))


def _all_series(scenario: Scenario, attends: _Attendance) -> Iterator[tuple[Laws, Series, float, bool]]:
    """List the kinds of series by protocol and response, with the share of patients who have each."""
    for name, share in scenario.at(scenario.run.start).demand.protocol_mix.items():
        protocol, laws = scenario.protocols[name], scenario.laws[name]
        respond = laws.response.probability * protocol.response_ratio
        for responds, weight in ((True, respond), (False, 1 - respond)):
            series = _series(laws.response, protocol.infusions, attends, responds=responds)
            yield laws, series, share * weight, responds


class _Attendance:
    """Shares of appointments kept, cancelled and missed; a walk-in clinic has no appointments."""

    def __init__(self, scenario: Scenario) -> None:
        rules, booked = scenario.attendance, scenario.booking.mode == "booked"
        self.cancels = rules.late_cancel if booked else 0.0
        self.comes = 1 - self.cancels - (rules.no_show if booked else 0.0)
        self.tries = 1 / (1 - (1 - self.comes) * rules.rebooks) if self.comes > 0 else math.inf


def _referrals_per_week(scenario: Scenario) -> float:
    weeks = scenario.run.weeks
    process = Referrals(scenario)
    if process.listed is None:
        return float(process.means[process.days >= 0].sum()) / weeks
    days = [(when.toordinal() - scenario.run.start.toordinal()) for when in process.listed]
    return sum(0 <= day < 7 * weeks for day in days) / weeks


def _series(response: Response, infusions: int, attends: _Attendance, *, responds: bool) -> Series:
    """Compute the expected series, infusion by infusion."""
    reached = 1.0
    total = starts = given = 0.0
    by_infusion = []
    for number in range(1, infusions + 1):
        given = reached * attends.comes * attends.tries
        total += given
        by_infusion.append(reached * attends.tries * (1 - attends.cancels))
        starts += by_infusion[-1]
        stays = 1 - response.drop_out[min(number, len(response.drop_out)) - 1]
        rule = response.stop_rule
        if rule is not None and rule.after == number:
            stays *= rule.sensitivity if responds else 1 - rule.specificity
        reached = given * stays
    return Series(total, starts, given, tuple(by_infusion))


def programme(laws: Laws) -> Programme:
    """Compute the expected booster programme of a responder who completed the series."""
    rules, follow_up = laws.boosters, float(laws.relapse.follow_up_days)
    schedule = schedule_of(rules)
    if schedule is not None:
        courses = rules.uptake / rules.attrition if rules.attrition else (None if rules.uptake else 0.0)
        return Programme(courses, mean_weeks(schedule, _LATER))
    enters = float(cdf(laws.relapse.days, np.array([follow_up]))[0]) * rules.uptake
    between = (mean(rules.days) + rules.check_in_days / 2 * (1 - rules.self_report)) / 7
    if rules.lengthening == 1.0:
        leaves = 1 - (1 - rules.attrition) * float(cdf(rules.days, np.array([follow_up]))[0])
        endless = enters > 0 and leaves < 2 / _COURSES
        return Programme(None if endless else enters / leaves if enters else 0.0, between)
    # The k-th booster's relapse is scaled by lengthening to the power of k - 1.
    with np.errstate(over="ignore", under="ignore"):
        scale = np.clip(rules.lengthening ** np.arange(_COURSES, dtype=np.float64), 1 / _EXTREME, _EXTREME)
    again = (1 - rules.attrition) * cdf(rules.days, follow_up / scale)
    ever = np.concatenate(([1.0], np.cumprod(again)))
    # If patients are expected to have more than half of `_COURSES`, the programme has no end.
    endless = enters > 0 and ever.sum() > _COURSES / 2
    return Programme(None if endless else enters * float(ever.sum()), between)
