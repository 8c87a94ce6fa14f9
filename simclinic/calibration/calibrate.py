"""The whole calibration, from an export to settings, estimates and today's patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simclinic.calibration.codes import BOOKED
from simclinic.calibration.courses import Courses, State, find_courses
from simclinic.calibration.estimates import Findings
from simclinic.calibration.held import Source
from simclinic.calibration.interpretation import InterpretedExport, interpret
from simclinic.calibration.kaplan_meier import Curve, survival_curve
from simclinic.calibration.memory import release_memory
from simclinic.calibration.observed_clinic import compare, observe
from simclinic.calibration.open_days import OpenDays, check_open_days, find_open_days
from simclinic.calibration.options import Options
from simclinic.calibration.panel import PanelRows, make_panel
from simclinic.calibration.return_fits import ReturnFits, fit_all
from simclinic.calibration.returns import return_times
from simclinic.calibration.schedules import find_schedule
from simclinic.calibration.settings import attendance, new_patients, returns, series, visit_length
from simclinic.calibration.visits import Visits
from simclinic.scenario import Scenario
from simclinic.scenario.laws import NAMES

STEPS = 5
"""Stages that are reported as progress."""

_FEW_PATIENTS, _SHORT, _SILENT = 30, 180, 14
"""New patients, days of the export, and days without an appointment at its end, that a warning is about."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class CalibrationResult:
    """Everything a calibration yields.

    Attributes
    ----------
    export
        Its appointments, and the report on its quality.
    open_days
        Days on which the clinic was open.
    courses
        Each patient's course of treatment.
    after_series, after_booster
        Distributions of the time to return.
    curves
        Kaplan-Meier estimates, by "series" and "booster"; only where there are times to estimate from.
    findings
        Estimates, settings, warnings.
    panel
        Today's patients.
    """

    export: InterpretedExport
    open_days: OpenDays
    courses: Courses
    after_series: ReturnFits
    after_booster: ReturnFits
    curves: dict[str, Curve]
    findings: Findings
    panel: PanelRows

    @property
    def return_fits(self) -> dict[str, ReturnFits]:
        """Distributions of the time to return, by "series" and "booster"."""
        return {"series": self.after_series, "booster": self.after_booster}


def calibrate(
    path: Source, base: Scenario, options: Options, progress: Progress | None = None
) -> CalibrationResult:
    """Calibrate a scenario on an export.

    Parameters
    ----------
    path
        The export, or its content.
    base
        The scenario whose settings hold where the export does not determine them.
    options
        The user's statements about the export.
    progress
        Receives the number of stages done, and `STEPS`.

    Raises
    ------
    ExportError
        If the export cannot be read, with all its problems.
    """
    report = progress or (lambda _done, _planned: None)
    report(0, STEPS)
    notice = base.attendance.cancel_notice_days
    export = interpret(path, options, notice_days=notice, base=base)
    release_memory()
    return learn(export, base, options, report)


def learn(
    export: InterpretedExport,
    base: Scenario,
    options: Options,
    report: Progress = lambda _done, _planned: None,
) -> CalibrationResult:
    """Calibrate on an export that has been read; parameters as for :func:`calibrate`."""
    visits, quality = export.visits, export.quality
    report(1, STEPS)
    open_days = find_open_days(visits)
    check_open_days(visits, base.clinic, quality)
    usual = max(base.demand.protocol_mix, key=lambda name: base.demand.protocol_mix[name])
    courses = find_courses(
        visits,
        quality,
        infusions=options.infusions,
        whole_history=options.whole_history,
        otherwise=base.protocols[usual].infusions,
    )
    report(2, STEPS)
    series_times, booster_times = return_times(courses, visits, open_days)
    after_series = fit_all(series_times)
    report(3, STEPS)
    after_booster = fit_all(booster_times)
    report(4, STEPS)
    findings = Findings(warnings=quality.heading)
    schedule = find_schedule(courses)
    if schedule is not None:
        findings.warnings.append(schedule.message())
    _note_left_out(courses, export)
    _warn_of_limits(courses, visits, findings)
    new_patients.learn(courses, visits, base, findings)
    series.learn(courses, visits, base, findings)
    attendance.learn(courses, visits, findings)
    visit_length.learn(courses, visits, base, findings)
    observed = observe(visits, open_days, visit_length.mean_visit_minutes(courses, base))
    compare(observed, base, findings, learning=options.learn_clinic)
    follow_up = returns.learn(after_series, after_booster, visits, base, findings)
    _drop_laws_of_protocols(base, findings)
    if "cancelled_on" in export.table.columns:
        findings.cannot_tell.remove(returns.CANCELLED_LATE)
    curves = {}
    for name, event, fits in (("series", "a series", after_series), ("booster", "a booster", after_booster)):
        if fits.durations.n:
            curves[name] = survival_curve(fits.durations)
            returns.check_against_curve(curves[name], fits.chosen, event, findings)
    if base.changes:
        findings.warnings.append(
            "the base scenario has dated changes: all of them still apply, those of the past included"
        )
    panel = make_panel(courses, visits, base, follow_up)
    _warn_of_booked_boosters(panel, visits, findings)
    report(STEPS, STEPS)
    return CalibrationResult(export, open_days, courses, after_series, after_booster, curves, findings, panel)


def _drop_laws_of_protocols(base: Scenario, findings: Findings) -> None:
    """Drop what protocols of the base scenario say themselves of what was learnt of all patients together."""
    learnt = {setting.address[0] for setting in findings.settings}
    for name, protocol in base.protocols.items():
        for section in NAMES:
            if getattr(protocol, section) and section in learnt:
                comment = f"neutral: [{section}] was learnt of the patients of all protocols together"
                findings.set(f"protocols.{name}.{section}", False, comment)


def _warn_of_booked_boosters(panel: PanelRows, visits: Visits, findings: Findings) -> None:
    """Warn that booked boosters may be counted twice.

    Patients with a booking come on that day; the others are simulated as if they might still ask for the same days.
    """
    if not (visits.status == BOOKED).any():
        return
    booked = sum(row["stage"] == "maintained" and row["next_appointment"] is not None for row in panel.rows)
    if booked:
        findings.warnings.append(
            f"{booked} of today's patients have a booster booked, and the others are simulated as if they could "
            f"still ask for the same days: the first weeks together may show up to {booked} boosters too many"
        )


def _note_left_out(courses: Courses, export: InterpretedExport) -> None:
    """Note which patients are left out of which estimates, in the report on the export's quality."""
    quality, visits = export.quality, export.visits
    unseen = sum(not course.cohort for course in courses.all)
    days = courses.since - visits.first
    quality.count(
        "patients who may have been there before the export begins"
        + (f" (first visit in its first {days} days, or a booster" if days else " (first visit a booster")
        + (", or seen in a period that is left out)" if visits.seen else ")"),
        unseen,
        "left out of starts, drop-out and first returns",
    )
    running = sum(course.state is State.IN_SERIES for course in courses.all)
    quality.count("series still under way", running, "counted up to their last infusion")
    quality.count(
        "patients without a completed visit", courses.never_came, "their appointments count for attendance"
    )
    quality.count(
        f"patients with more than {courses.infusions} visits at a series' gaps",
        courses.longer,
        "the rest count as boosters",
    )


def _warn_of_limits(courses: Courses, visits: Visits, findings: Findings) -> None:
    """Warn if the export is small or short, seems to end early, or has odd dates."""
    cohort = len(courses.cohort)
    if cohort < _FEW_PATIENTS:
        findings.warnings.append(
            f"only {cohort} patient{'' if cohort == 1 else 's'} certainly started within the export: intervals are "
            "wide"
        )
    length = visits.last - visits.first + 1 - visits.left_out.days_within(visits.first - 1, visits.last)
    if length < _SHORT:
        findings.warnings.append(
            f"the export covers {length} {'day' if length == 1 else 'days'}: longer absences cannot be observed, "
            "and the share that never returns is uncertain"
        )
    silent = visits.last - int(visits.day[visits.status != BOOKED].max())
    if silent > _SILENT:
        findings.warnings.append(
            f"the last {silent} days before --as-of have no appointment: if the export ends earlier, patients seem "
            "to stay away and new ones to become fewer. Give the day on which the export was made"
        )
    weekdays = {(day - 1) % 7 for day in np.unique(visits.day).tolist()}
    if len(weekdays) == 1:
        findings.warnings.append("all appointments are on one weekday: are the dates right?")
