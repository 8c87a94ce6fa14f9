"""Boosters missed just before the export was made, and the new appointments that will probably follow.

Most patients who miss an appointment come for another within days. An export without future appointments does
not show these, and a forecast that treated such patients as away would have too few boosters in its first week.
The usual share of them therefore gets an appointment after the usual delay.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simclinic.calibration.codes import BOOKED, CANCELLED, NO_SHOW
from simclinic.calibration.courses import Courses, State
from simclinic.calibration.returns import REBOOKED_WITHIN
from simclinic.calibration.visits import Visits

FEWEST = 10
"""Missed boosters from which new appointments are predicted."""


def expected_rebookings(courses: Courses, visits: Visits) -> dict[int, int]:
    """Predict new appointments of patients who missed a booster in the last two weeks.

    A patient's probability is the share that was booked again within two weeks, among the patients who had
    waited at least as long. Probabilities are added up in the order of the export, and the patient at whom the
    sum passes the next whole number less one half gets an appointment.

    Parameters
    ----------
    courses, visits
        The export. If it shows any future appointment, it shows these patients' too, and nothing is added.

    Returns
    -------
    dict
        Day of the appointment, by patient.
    """
    if (visits.status == BOOKED).any():
        return {}
    delays, waiting = _after_missing(courses, visits)
    days: dict[int, int] = {}
    if len(delays) < FEWEST:
        return days
    expected = 0.0
    for patient, missed in waiting:
        longer = delays[delays > visits.last - missed]
        soon = longer[longer <= REBOOKED_WITHIN]
        expected += len(soon) / len(longer) if len(longer) else 0.0
        if expected >= 0.5:
            expected -= 1.0
            days[patient] = (
                missed + int(np.quantile(soon, 0.5, method="lower")) if len(soon) else visits.last + 1
            )
    return days


def _after_missing(courses: Courses, visits: Visits) -> tuple[npt.NDArray[np.float64], list[tuple[int, int]]]:
    """Collect the days from missed boosters to the next appointment, and the patients who still wait for one.

    Returns
    -------
    delays
        Days to the next appointment, of boosters missed at least two weeks before the export ends; infinite if none
        followed within two weeks.
    waiting
        Patient and day of boosters missed since, if no appointment has followed.
    """
    series_ends = {
        course.patient: course.days[course.series - 1] if course.series else 0
        for course in courses.all
        if course.state in (State.COMPLETE, State.CAME_BACK, State.UNSEEN)
    }
    delays: list[float] = []
    waiting: list[tuple[int, int]] = []
    count = len(visits.day)
    for at in np.flatnonzero(np.isin(visits.status, (NO_SHOW, CANCELLED))).tolist():
        patient, day = int(visits.patient[at]), int(visits.day[at])
        if patient not in series_ends or day <= series_ends[patient]:
            continue
        follows = at + 1 < count and int(visits.patient[at + 1]) == patient
        after = float(visits.day[at + 1] - day) if follows else float("inf")
        if visits.left_out.next_begin(day, day + REBOOKED_WITHIN) is not None:
            continue
        if day <= visits.last - REBOOKED_WITHIN:
            delays.append(after if after <= REBOOKED_WITHIN else float("inf"))
        elif not follows:
            waiting.append((patient, day))
    return np.array(delays), waiting
