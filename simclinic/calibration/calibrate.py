"""The whole calibration, from an export to settings, estimates and today's patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simclinic.calibration.codes import BOOKED
from simclinic.calibration.consults import Consults, find_consults
from simclinic.calibration.courses import Courses, State
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
from simclinic.calibration.settings import (
    attendance,
    consults,
    new_patients,
    prices,
    returns,
    series,
    visit_length,
)
from simclinic.calibration.types import Group, find_groups, together
from simclinic.calibration.visits import Visits
from simclinic.scenario import Scenario
from simclinic.scenario.laws import NAMES
from simclinic.scenario.protocols import Protocol
from simclinic.scenario.tables import as_tables

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
    return_fits
        Distributions of the time to return, by "series" and "booster"; of patients whose series has another type of
        visit by "esketamine/series" and "esketamine/booster".
    curves
        Kaplan-Meier estimates by the same names; only where there are times to estimate from.
    findings
        Estimates, settings, warnings.
    panel
        Today's patients.
    groups
        The patients by the type of visit of their series.
    consults
        Consults, of new patients and others.
    """

    export: InterpretedExport
    open_days: OpenDays
    courses: Courses
    return_fits: dict[str, ReturnFits]
    curves: dict[str, Curve]
    findings: Findings
    panel: PanelRows
    groups: tuple[Group, ...]
    consults: Consults


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
    groups = find_groups(visits, base, options, quality)
    courses = together([group.courses for group in groups])
    found = find_consults(export.consults, visits, courses, open_days)
    consults.note(found, visits, export.patients, quality)
    counted = found if found.count_patients else None
    report(2, STEPS)
    times = [return_times(group.courses, group.visits, open_days) for group in groups]
    after_series = [fit_all(each) for each, _ in times]
    report(3, STEPS)
    after_booster = [fit_all(each) for _, each in times]
    report(4, STEPS)
    findings = Findings(warnings=quality.heading)
    for group in groups:
        if group.schedule is not None:
            told = Findings(warnings=[group.schedule.message(kept=group.scheduled)])
            findings.add(told, group.label, ())
        _note_left_out(group, export)
    _warn_of_limits(courses, visits, findings, by_consult=counted is not None)
    new_patients.learn(courses, visits, base, findings, counted)
    consults.learn(found, base, findings, learning=options.learn_clinic)
    series.learn_mix(groups, courses.since, findings)
    for group in groups:
        own = Findings()
        series.learn(group, base, own)
        findings.add(own, group.label, _own_protocols(group))
    attendance.learn(courses, visits, findings)
    visit_length.learn(groups, visits, base, findings)
    prices.learn(groups, visits, findings)
    observed = observe(visits, open_days, visit_length.mean_visit_minutes(groups, base))
    compare(observed, base, findings, learning=options.learn_clinic)
    curves, fits = {}, {}
    follow_up = {}
    leaving = {}
    for group, first, again in zip(groups, after_series, after_booster, strict=True):
        own = Findings()
        follow_up[group.type] = returns.learn(first, again, group.visits, base, own)
        for name, event, each in (("series", "a series", first), ("booster", "a booster", again)):
            key = group.key(name)
            fits[key] = each
            if each.durations.n:
                curves[key] = survival_curve(each.durations)
                returns.check_against_curve(curves[key], each.chosen, event, own)
        if group.schedule is not None and group.scheduled:
            returns.keep_schedule(group.schedule, first, again, own)
            leaving[group.type] = returns.leaving(first, again, base, group.protocols)
        findings.add(own, group.label, _own_protocols(group))
    for group in groups:
        if group.shared:
            _drop_laws_of_protocols(group.protocols, findings)
            _keep_laws_of_others(group.protocols, base, findings)
    if options.learn_clinic:
        unknown = findings.cannot_tell
        unknown[unknown.index(returns.CLINIC_KEPT)] = returns.CLINIC_LEARNT
    if "cancelled_on" in export.table.columns:
        findings.cannot_tell.remove(returns.CANCELLED_LATE)
    if not np.isnan(visits.price).all():
        findings.cannot_tell = [each.replace(*returns.WITH_PRICES) for each in findings.cannot_tell]
    if base.changes:
        findings.warnings.append(
            "the base scenario has dated changes: all of them still apply, those of the past included"
        )
    panel = make_panel(groups, courses, visits, follow_up, leaving)
    if counted is not None and (ahead := counted.booked):
        panel.left_out["booked for a consult: they are among the new patients to come"] = ahead
    _warn_of_booked_boosters(panel, visits, findings)
    report(STEPS, STEPS)
    return CalibrationResult(export, open_days, courses, fits, curves, findings, panel, tuple(groups), found)


def _own_protocols(group: Group) -> tuple[str, ...]:
    """Return the protocols in which the laws of some patients are written; none if they hold for all."""
    return () if group.shared else tuple(group.protocols)


def _drop_laws_of_protocols(protocols: Mapping[str, Protocol], findings: Findings) -> None:
    """Drop what protocols of the base scenario say themselves of what was learnt of their patients together."""
    learnt = {setting.address[0] for setting in findings.settings}
    for name, protocol in protocols.items():
        for section in NAMES:
            if getattr(protocol, section) and section in learnt:
                comment = f"neutral: [{section}] was learnt of the patients of all protocols together"
                findings.set(f"protocols.{name}.{section}", False, comment)


def _keep_laws_of_others(protocols: Mapping[str, Protocol], base: Scenario, findings: Findings) -> None:
    """Write out the base scenario's laws of other types of visit, where what was learnt of infusions replaces them.

    Parameters
    ----------
    protocols
        The protocols whose patients share what was learnt.
    base, findings
        The base scenario, and what was learnt.
    """
    there = {setting.address for setting in findings.settings}
    shared = [address for address in sorted(there) if address[0] in NAMES]
    for name in sorted(base.protocols.keys() - protocols.keys()):
        for section, setting in shared:
            given = getattr(base.protocols[name], section) or {}
            if ("protocols", name, section, setting) not in there and setting not in given:
                value = as_tables(getattr(getattr(base.laws[name], section), setting))
                findings.set(
                    f"protocols.{name}.{section}.{setting}",
                    False if value is None else value,
                    "the base scenario's: not learnt of these patients",
                )


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


def _note_left_out(group: Group, export: InterpretedExport) -> None:
    """Note which patients are left out of which estimates, in the report on the export's quality."""
    quality, visits, courses = export.quality, export.visits, group.courses
    unseen = sum(not course.cohort for course in courses.all)
    days = courses.since - visits.first
    quality.count(
        "patients who may have been there before the export begins"
        + (f" (first visit in its first {days} days, or a booster" if days else " (first visit a booster")
        + (", or seen in a period that is left out)" if visits.seen else ")")
        + group.label,
        unseen,
        "left out of starts, drop-out and first returns",
    )
    running = sum(course.state is State.IN_SERIES for course in courses.all)
    quality.count(f"series still under way{group.label}", running, "counted up to their last infusion")
    quality.count(
        f"patients without a completed visit{group.label}",
        courses.never_came,
        "their appointments count for attendance",
    )
    quality.count(
        f"patients with more than {courses.infusions} visits at a series' gaps{group.label}",
        courses.longer,
        "the rest count as boosters",
    )


def _warn_of_limits(courses: Courses, visits: Visits, findings: Findings, *, by_consult: bool) -> None:
    """Warn if the export is small or short, seems to end early, or has odd dates.

    Parameters
    ----------
    courses, visits, findings
        The patients, their appointments, and where warnings go.
    by_consult
        Whether new patients are counted by their consults, and not by first infusions.
    """
    cohort = len(courses.cohort)
    if courses.certain_since > courses.since and cohort:
        findings.warnings.append(_too_short(courses, visits, by_consult=by_consult))
    elif cohort < _FEW_PATIENTS:
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


def _too_short(courses: Courses, visits: Visits, *, by_consult: bool) -> str:
    """Say what an export that is too short to tell new patients from earlier ones makes wrong."""
    new, days = courses.cohort, courses.since - visits.first
    once = sum(len(each.days) == 1 for each in new)
    wrong = "drop-out after the first infusion" if by_consult else "new patients a week and drop-out"
    return (
        "the export is too short to tell new patients from earlier ones who come for a booster: "
        f"{len(new)} patient{' counts' if len(new) == 1 else 's count'} as new, since their first visit in it is "
        f"later than its first {days} day{'' if days == 1 else 's'}, but boosters can be further apart than that "
        f"({once} of the {len(new)} {'has' if once == 1 else 'have'} one visit so far). So {wrong} may be too "
        "high. Use an export of at least half a year, or one with a column for the kind of visit; --whole-history "
        "if it begins with the clinic's first patient"
    )
