"""Patients who are there when the simulation begins: how far each of them has come.

There are two kinds: the patients of a panel, whose past was recorded, and the patients of the past that precedes a
steady start, whose past was computed. The model treats both in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.scenario.panel import Stage


class Progress(NamedTuple):
    """The progress of one patient who is there when the simulation begins.

    Times are minutes; NaN is "never" or "not known".

    Attributes
    ----------
    row
        Row of the patients table.
    stage
        Booked for a consult, waiting, in the series, or maintained.
    given, boosters
        Infusions of the series, and boosters, given so far.
    course
        Booster courses completed.
    last
        End of the last infusion; NaN before the first.
    appointment
        The next appointment that is already made; None if there is none.
    timed
        Whether its time is known, or only its day.
    requested
        Request for a booster without an appointment yet; None if there is none. It may lie ahead: a patient who
        missed a booster asks again at the next check-in. Of a patient who is booked for a consult, the moment of
        asking for it.
    recorded
        Whether that past was recorded, so that what has happened since the last contact is not known.
    missed
        Appointments missed since the last infusion.
    relapses
        Relapses noticed so far.
    relapse
        The next relapse; NaN: it follows from the random inputs.
    first_infusion, last_infusion, series_ended, programme
        Moments of the past, as in the patients table.
    """

    row: int
    stage: Stage
    given: int
    boosters: int
    course: int
    last: float
    appointment: float | None
    timed: bool
    requested: float | None
    recorded: bool = True
    missed: int = 0
    relapses: int = 0
    relapse: float = nan
    first_infusion: float = nan
    last_infusion: float = nan
    series_ended: float = nan
    programme: float = nan


Columns: TypeAlias = Mapping[str, npt.NDArray[Any]]
"""The progress of many patients: arrays by the names of :class:`Progress`; NaN for None, codes into `STAGES`."""

STAGES: tuple[Stage, ...] = ("consult", "waiting", "maintained", "series")

NOBODY: Columns = {name: np.zeros(0) for name in Progress._fields}


class InitialState(Protocol):
    """The progress of all patients who are there when the simulation begins, as arrays over these patients.

    Attributes
    ----------
    consults, waits, maintained
        Whether each is booked for a consult that is a visit, waits for a first infusion, or has completed a series.

    The others are as in :class:`Progress`, with NaN for None.
    """

    consults: Bools
    waits: Bools
    maintained: Bools
    given: Integers
    boosters: Integers
    course: Integers
    last: Floats
    appointment: Floats
    requested: Floats

    def __len__(self) -> int: ...

    def progress(self, first_row: int) -> Columns:
        """Return the progress of the patients, in the order in which the desk books for them.

        Parameters
        ----------
        first_row
            Row of the first of these patients in the patients table.
        """
        ...


def in_order(state: InitialState, first_row: int, referred: Floats, others: Columns) -> Columns:
    """Return the progress of the patients of a state, in the order in which the desk books for them.

    Parameters
    ----------
    state, first_row
        As for :meth:`InitialState.progress`.
    referred
        When each was referred; NaN where it is not known.
    others
        What the state itself does not have.
    """
    groups = (state.consults, state.waits, state.maintained)
    columns = {
        "row": first_row + np.arange(len(state)),
        "stage": np.select(groups, range(len(groups)), len(groups)),
        **{name: getattr(state, name) for name in ("given", "boosters", "course", "last", "appointment")},
        "requested": state.requested,
        **others,
    }
    order = booking_order(state.waits, state.maintained, state.appointment, referred)
    return {name: columns[name][order] for name in Progress._fields}


def listed(columns: Columns) -> list[Progress]:
    """List the progress of each patient."""
    values = {name: columns[name].tolist() for name in Progress._fields}
    values["stage"] = [STAGES[code] for code in columns["stage"].astype(np.int64)]
    for name in ("appointment", "requested"):
        values[name] = [None if minute != minute else minute for minute in values[name]]
    return list(map(Progress._make, zip(*values.values(), strict=True)))


def booking_order(waits: Bools, maintained: Bools, appointment: Floats, referred: Floats) -> Integers:
    """Return patients in the order in which the desk books for them.

    Patients with an appointment come first, then patients within a series, then those who wait for a first
    infusion, the longest waiting first, then all others.

    Parameters
    ----------
    waits, maintained, appointment, referred
        Arrays over the patients; see :class:`InitialState`. `referred` is NaN where it is not known.
    """
    rank = np.select([np.isfinite(appointment), ~waits & ~maintained, waits], [0, 1, 2], 3)
    return np.lexsort((np.nan_to_num(referred), np.nan_to_num(appointment), rank))
