"""The whole way, from an export to everything that is learnt from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simclinic.calibration import opened, settings
from simclinic.calibration.codes import BOOKED
from simclinic.calibration.courses import Courses, State, courses
from simclinic.calibration.estimates import Learnt
from simclinic.calibration.kaplan_meier import Curve, curve
from simclinic.calibration.laws import Laws, fit_all
from simclinic.calibration.memory import give_back
from simclinic.calibration.opening import Opening, look_over, opening
from simclinic.calibration.options import Options
from simclinic.calibration.panel import PanelRows, panel
from simclinic.calibration.returns import returns
from simclinic.calibration.schedules import schedule
from simclinic.calibration.understand import Understood, understand
from simclinic.calibration.visits import Visits
from simclinic.scenario import Scenario

STEPS = 5
"""Stages of which progress is told."""


@dataclass(frozen=True)
class Learned:
    """What an export tells.

    Attributes
    ----------
    understood
        Its appointments, and what was odd about it.
    opening
        The days the clinic was open.
    courses
        Each patient's way.
    after_series, after_booster
        Laws of coming back.
    curves
        Kaplan and Meier's estimates, by "series" and "booster"; only where there is something to estimate.
    learnt
        Estimates, settings, warnings.
    panel
        Today's patients.
    """

    understood: Understood
    opening: Opening
    courses: Courses
    after_series: Laws
    after_booster: Laws
    curves: dict[str, Curve]
    learnt: Learnt
    panel: PanelRows

    @property
    def laws(self) -> dict[str, Laws]:
        """Laws of coming back, by "series" and "booster"."""
        return {"series": self.after_series, "booster": self.after_booster}


def calibrate(
    path: Path, base: Scenario, options: Options, progress: Callable[[int, int], None] | None = None
) -> Learned:
    """Learn from an export.

    Parameters
    ----------
    path
        The export.
    base
        The scenario whose settings hold where the export tells nothing.
    options
        What somebody says about the export.
    progress
        Is told how many of `STEPS` are done.

    Raises
    ------
    ExportError
        If the export cannot be understood, with everything that is wrong with it.
    """
    tell = progress or (lambda _done, _planned: None)
    tell(0, STEPS)
    notice = base.attendance.cancel_notice_days
    understood = understand(path, options, notice_days=notice)
    give_back()
    return learn(understood, base, options, tell)


def learn(
    understood: Understood,
    base: Scenario,
    options: Options,
    tell: Callable[[int, int], None] = lambda _done, _planned: None,
) -> Learned:
    """Learn from an export that has been read; arguments as for :func:`calibrate`."""
    visits, quality = understood.visits, understood.quality
    tell(1, STEPS)
    open_days = opening(visits)
    look_over(visits, base.clinic, quality)
    usual = max(base.demand.protocol_mix, key=lambda name: base.demand.protocol_mix[name])
    found = courses(
        visits,
        quality,
        infusions=options.infusions,
        whole_history=options.whole_history,
        otherwise=base.protocols[usual].infusions,
    )
    tell(2, STEPS)
    times = returns(found, visits, open_days)
    after_series = fit_all(times[0])
    tell(3, STEPS)
    after_booster = fit_all(times[1])
    tell(4, STEPS)
    learnt = Learnt(warnings=quality.heading)
    scheduled = schedule(found)
    if scheduled is not None:
        learnt.warnings.append(scheduled.told())
    _say_who_counts(found, understood, learnt)
    settings.new_patients(found, visits, base, learnt)
    settings.series(found, visits, base, learnt)
    settings.attendance(found, visits, learnt)
    settings.visit_lengths(found, visits, base, learnt)
    shown = opened.seen(visits, open_days, settings.usual_minutes(found, base))
    opened.compare(shown, base, learnt, learning=options.learn_clinic)
    follow_up = settings.coming_back(after_series, after_booster, visits, base, learnt)
    if "cancelled_on" in understood.table.columns:
        learnt.cannot_tell.remove(settings.CANCELLED_LATE)
    curves = {}
    for name, told, laws in (("series", "a series", after_series), ("booster", "a booster", after_booster)):
        if laws.durations.n:
            curves[name] = curve(laws.durations)
            settings.hold_against(curves[name], laws.chosen, told, learnt)
    if base.changes:
        learnt.warnings.append("the base scenario has dated changes: they still hold, also those of the past")
    today = panel(found, visits, base, follow_up)
    _say_what_is_booked(today, visits, learnt)
    tell(STEPS, STEPS)
    return Learned(
        understood,
        open_days,
        found,
        after_series,
        after_booster,
        curves,
        learnt,
        today,
    )


def _say_what_is_booked(today: PanelRows, visits: Visits, learnt: Learnt) -> None:
    """Warn of boosters counted twice: who is booked comes, and the others are not known to stay away meanwhile."""
    if not (visits.status == BOOKED).any():
        return
    booked = sum(row["stage"] == "maintained" and row["next_appointment"] is not None for row in today.rows)
    if booked:
        learnt.warnings.append(
            f"{booked} of today's patients have a booster booked, and the others are simulated as if they could "
            f"still ask for the same days: the first weeks may hold up to {booked} boosters too many, all together"
        )


def _say_who_counts(found: Courses, understood: Understood, learnt: Learnt) -> None:
    """Name, in the report on the export, who is left out of which estimates."""
    quality, visits = understood.quality, understood.visits
    unseen = sum(not course.cohort for course in found.each)
    days = found.since - visits.first
    quality.count(
        "patients who may have been there before the export begins"
        + (f" (first visit in its first {days} days, or a booster" if days else " (first visit a booster")
        + (", or seen in a period that is left out)" if visits.seen else ")"),
        unseen,
        "left out of starts, drop-out and first returns",
    )
    running = sum(course.state is State.IN_SERIES for course in found.each)
    quality.count("series still under way", running, "counted up to where they are")
    quality.count(
        "patients without a completed visit", found.never_came, "their appointments count for attendance"
    )
    quality.count(
        f"patients with more than {found.infusions} visits at a series' gaps",
        found.longer,
        "the rest count as boosters",
    )
    cohort = len(found.cohort)
    if cohort < 30:
        learnt.warnings.append(
            f"only {cohort} patient{'' if cohort == 1 else 's'} surely began within the export: intervals are wide"
        )
    length = visits.last - visits.first + 1 - visits.left_out.days_within(visits.first - 1, visits.last)
    if length < 180:
        learnt.warnings.append(
            f"the export covers {length} {'day' if length == 1 else 'days'}: longer absences have not been seen, "
            "and never is unsure"
        )
    silent = visits.last - int(visits.day[visits.status != BOOKED].max())
    if silent > 14:
        learnt.warnings.append(
            f"the last {silent} days before --as-of have no appointment: if the export ends earlier, patients seem "
            "to stay away and new ones to become fewer"
        )
    weekdays = {(day - 1) % 7 for day in np.unique(visits.day).tolist()}
    if len(weekdays) == 1:
        learnt.warnings.append("all appointments are on one weekday: are the dates right?")
