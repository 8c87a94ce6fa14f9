"""Who missed a booster just before the export was made, and will probably come for another soon.

A missed appointment was a wish to come, and most who miss one come for another within days. An export without
appointments to come does not show those; whoever took the patient for one of whom nothing has been heard would
foretell too few boosters in the first week. So as many of them as usual get the day that is usual.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simclinic.calibration.codes import BOOKED, CANCELLED, NO_SHOW
from simclinic.calibration.courses import Courses, State
from simclinic.calibration.returns import REBOOKED_WITHIN
from simclinic.calibration.visits import Visits

FEWEST = 10
"""Missed boosters below which nothing is said."""


def expected_rebookings(courses: Courses, visits: Visits) -> dict[int, int]:
    """Give the days on which patients probably come who missed a booster in the last two weeks.

    Of those who had waited as long for another appointment as a patient has now, the share that had one within two
    weeks of the missed one comes; patients are taken in the order of the export until their shares make one more.

    Parameters
    ----------
    courses, visits
        The export, understood. If it shows any appointment to come, it shows those of these patients too, and
        nothing is added.

    Returns
    -------
    dict
        By patient, a day after the export's last.
    """
    if (visits.status == BOOKED).any():
        return {}
    delays, waiting = _after_missing(courses, visits)
    days: dict[int, int] = {}
    if len(delays) < FEWEST:
        return days
    owed = 0.0
    for patient, missed in waiting:
        longer = delays[delays > visits.last - missed]
        soon = longer[longer <= REBOOKED_WITHIN]
        owed += len(soon) / len(longer) if len(longer) else 0.0
        if owed >= 0.5:
            owed -= 1.0
            days[patient] = (
                missed + int(np.quantile(soon, 0.5, method="lower")) if len(soon) else visits.last + 1
            )
    return days


def _after_missing(courses: Courses, visits: Visits) -> tuple[npt.NDArray[np.float64], list[tuple[int, int]]]:
    """Tell how many days after a missed booster the next appointment was, and who waits for it.

    Returns
    -------
    delays
        Of those missed at least two weeks before the export ends; infinite if none followed in them.
    waiting
        Patient and day of those missed since, if nothing has followed.
    """
    done = {
        course.patient: course.days[course.series - 1] if course.series else 0
        for course in courses.all
        if course.state in (State.COMPLETE, State.CAME_BACK, State.UNSEEN)
    }
    delays: list[float] = []
    waiting: list[tuple[int, int]] = []
    count = len(visits.day)
    for at in np.flatnonzero(np.isin(visits.status, (NO_SHOW, CANCELLED))).tolist():
        patient, day = int(visits.patient[at]), int(visits.day[at])
        if patient not in done or day <= done[patient]:
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
