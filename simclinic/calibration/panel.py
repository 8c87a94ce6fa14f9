"""Today's patients, from whom a forecast starts: their stage, last infusion and next appointment.

Patients are called P0001, P0002, ... in the order of their first visit; the export's identifiers are dropped.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simclinic.calibration.codes import COMPLETED
from simclinic.calibration.courses import Course, Courses, State
from simclinic.calibration.missed_boosters import expected_rebookings
from simclinic.calibration.settings.series import TWICE_WEEKLY, protocol_names, protocol_of
from simclinic.calibration.types import Group
from simclinic.calibration.visits import Visits

LATE = 7
"""Days after a scheduled visit was due up to which a patient without an appointment may still come to it."""
_GRACE = 1
"""Days after a scheduled visit was due up to which it keeps to the schedule."""

COLUMNS = (
    *("patient", "stage", "referred_on", "protocol", "infusions_done", "last_infusion_on", "boosters_done"),
    "next_appointment",
    "stays",
)


@dataclass(frozen=True)
class PanelRows:
    """The panel, and patients that it leaves out.

    Attributes
    ----------
    rows
        One row for each patient, with the keys `COLUMNS`; None for an empty cell.
    stages
        Number of patients in each stage.
    left_out
        Number of patients left out, by reason.
    """

    rows: list[dict[str, str | int | None]]
    stages: dict[str, int]
    left_out: dict[str, int]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of its file: `stays` only if some patient's is not certain."""
        uncertain = any(row["stays"] is not None for row in self.rows)
        return COLUMNS if uncertain else COLUMNS[:-1]


def make_panel(
    groups: Sequence[Group],
    courses: Courses,
    visits: Visits,
    follow_up: Mapping[str, int],
    leaving: Mapping[str, tuple[float, float]],
) -> PanelRows:
    """Make the panel as of the first future day.

    Parameters
    ----------
    groups
        The patients by the type of visit of their series, with the names of their protocols.
    courses, visits
        The export.
    follow_up
        By type the days without a visit after which a patient counts as gone.
    leaving
        By type with a schedule: the share that does not come again after the series, and after a booster.
    """
    of = {course.patient: group for group in groups for course in group.courses.all}
    names = {group.type: protocol_names(group.protocols) for group in groups}
    commonest = {}
    for group in groups:
        usual = Counter(kind for course in group.courses.all if (kind := protocol_of(course)) is not None)
        commonest[group.type] = names[group.type][usual.most_common(1)[0][0] if usual else TWICE_WEEKLY]
    width = max(4, len(str(len(courses.all))))
    rows: list[dict[str, str | int | None]] = []
    left_out: Counter[str] = Counter()
    again = expected_rebookings(courses, visits)
    last_open = int(visits.day[visits.status == COMPLETED].max(initial=visits.first))
    for number, course in enumerate(courses.all, 1):
        group = of[course.patient]
        stage, reason = _stage(course, visits, group, follow_up[group.type])
        if stage is None:
            left_out[reason] += 1
            continue
        kind = protocol_of(course)
        unseen = course.state is State.UNSEEN
        done = group.courses.infusions if unseen else course.series
        ahead = course.next_appointment
        if ahead is None and stage == "maintained":
            ahead = again.get(course.patient)
        stays = None
        if stage == "maintained" and ahead is None and group.type in leaving:
            leaves = leaving[group.type][course.boosters > 0]
            if leaves and _days_late(course, group, visits, last_open) > _GRACE:
                leaves /= leaves + (1.0 - leaves) * _late(group)
            stays = max(round(1.0 - leaves, 3), 0.001)
        rows.append(
            {
                "patient": f"P{number:0{width}d}",
                "stage": stage,
                "referred_on": _date(course.days[0]),
                "protocol": names[group.type][kind] if kind else commonest[group.type],
                "infusions_done": done,
                "last_infusion_on": _date(course.days[-1]),
                "boosters_done": 0 if stage == "series" else course.boosters,
                "next_appointment": None if ahead is None else _date(ahead),
                "stays": None if stays is None or stays == 1.0 else f"{stays:g}",
            }
        )
    if courses.booked_first:
        left_out["booked for a first infusion: they are among the new starts to come"] = courses.booked_first
    if courses.never_came:
        left_out["never came"] = courses.never_came
    stages = Counter(str(row["stage"]) for row in rows)
    return PanelRows(rows, {name: stages[name] for name in ("series", "maintained")}, dict(left_out))


def _stage(course: Course, visits: Visits, group: Group, follow_up: int) -> tuple[str | None, str]:
    if course.state is State.IN_SERIES:
        return "series", ""
    if course.state is State.DROPPED_OUT:
        return None, "dropped out of the series"
    if group.scheduled and group.schedule is not None:
        if _days_late(course, group, visits, visits.last) > LATE and course.next_appointment is None:
            return None, f"more than {LATE} days late on the schedule: they have left it"
        return "maintained", ""
    away = _away(course, visits, visits.last)
    if away > follow_up and course.next_appointment is None:
        return None, f"not seen for more than {follow_up} days"
    return "maintained", ""


def _away(course: Course, visits: Visits, until: int) -> int:
    """Count the days from a patient's last visit to a day, without periods that are left out."""
    return until - course.days[-1] - visits.left_out.days_within(course.days[-1], until)


def _days_late(course: Course, group: Group, visits: Visits, until: int) -> int:
    """Count the days by which a patient is late on the schedule; below 0: the next visit is not due yet."""
    assert group.schedule is not None
    weeks = group.schedule.weeks
    return _away(course, visits, until) - 7 * weeks[min(course.boosters, len(weeks) - 1)]


def _late(group: Group) -> float:
    """Return the share of visits that patients who go on do not make when they are due; never 0."""
    assert group.schedule is not None
    return (group.schedule.of - group.schedule.kept + 0.5) / (group.schedule.of + 1.0)


def _date(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()
