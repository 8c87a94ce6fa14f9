"""How far each patient of the past has come when the simulation begins."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.sampling.initial_state import Columns, in_order

_OTHERS = (
    "missed",
    "relapses",
    "relapse",
    "first_infusion",
    "last_infusion",
    "series_ended",
    "programme",
)


class Requests(NamedTuple):
    """Requests for a booster course.

    Attributes
    ----------
    rows, requested, relapsed
        The patients, and the moments of the request and of the relapse that led to it, shape (n,).
    """

    rows: Integers
    requested: Floats
    relapsed: Floats

    @classmethod
    def none(cls) -> Requests:
        """Return no request."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))

    def of(self, chosen: Bools) -> Requests:
        """Choose some of the requests."""
        return Requests(self.rows[chosen], self.requested[chosen], self.relapsed[chosen])

    def and_(self, rows: Integers, requested: Floats, relapsed: Floats) -> Requests:
        """Add requests of other patients."""
        return Requests(
            np.concatenate((self.rows, rows)),
            np.concatenate((self.requested, requested)),
            np.concatenate((self.relapsed, relapsed)),
        )


class States:
    """Progress of patients, as arrays that are filled in while the past is computed.

    Parameters
    ----------
    protocol, referred
        Protocol of each patient, and moment of referral in minutes, shape (n,).

    Attributes
    ----------
    here
        Whether each patient is still there when the simulation begins.
    waits
        Pairs of arrays: moments at which booster courses were requested, and minutes from each request to the end
        of its course.

    The others are as in :class:`~simclinic.sampling.initial_state.Progress`; the arrays of times are NaN for None.
    """

    def __init__(self, protocol: Integers, referred: Floats) -> None:
        count = len(protocol)
        self.protocol = protocol
        self.referred = referred
        self.here = np.zeros(count, dtype=np.bool_)
        self.consults = np.zeros(count, dtype=np.bool_)
        self.maintained = np.zeros(count, dtype=np.bool_)
        self.given = np.zeros(count, dtype=np.int64)
        self.boosters = np.zeros(count, dtype=np.int64)
        self.course = np.zeros(count, dtype=np.int64)
        self.missed = np.zeros(count, dtype=np.int64)
        self.relapses = np.zeros(count, dtype=np.int64)
        times = np.full((8, count), np.nan)
        self.last, self.appointment, self.requested, self.relapse = times[:4]
        self.first_infusion, self.last_infusion, self.series_ended, self.programme = times[4:]
        self.waits: list[tuple[Floats, Floats]] = []

    def __len__(self) -> int:
        return len(self.here)

    @property
    def waiting(self) -> Bools:
        """Whether each patient waits for a first infusion."""
        waiting: Bools = ~self.maintained & ~self.consults & (self.given == 0)
        return waiting

    def stay(self, rows: Integers) -> None:
        """Keep patients of the programme who are between two courses when the simulation begins."""
        self.here[rows] = self.maintained[rows] = True

    def ask(self, asks: Requests) -> None:
        """Keep patients of the programme whose request is not answered yet."""
        self.stay(asks.rows)
        self.requested[asks.rows], self.relapse[asks.rows] = asks.requested, asks.relapsed

    def await_consults(self, rows: Integers, appointment: Floats, asked: Floats) -> None:
        """Keep patients who have an appointment for a consult."""
        self.here[rows] = self.consults[rows] = True
        self.appointment[rows], self.requested[rows] = appointment, asked

    def promise(self, rows: Integers, appointment: Floats, relapse: Floats) -> None:
        """Keep patients of the programme who have an appointment."""
        self.stay(rows)
        self.appointment[rows], self.relapse[rows] = appointment, relapse


class InitialProgress:
    """The progress of those patients who are there when the simulation begins.

    It is an :class:`~simclinic.sampling.initial_state.InitialState`.

    Parameters
    ----------
    states, rows
        The states of all patients, and which of them these are.
    """

    def __init__(self, states: States, rows: Integers) -> None:
        self.consults, self.waits = states.consults[rows], states.waiting[rows]
        self.maintained = states.maintained[rows]
        self.given, self.boosters, self.course = (
            states.given[rows],
            states.boosters[rows],
            states.course[rows],
        )
        self.last, self.requested = states.last[rows], states.requested[rows]
        # The book reaches only so far: beyond it the request waits.
        self.appointment = np.where(np.isfinite(states.appointment[rows]), states.appointment[rows], np.nan)
        self._referred = states.referred[rows]
        self._others = {name: getattr(states, name)[rows] for name in _OTHERS}

    def __len__(self) -> int:
        return len(self.waits)

    def progress(self, first_row: int) -> Columns:
        """Return the progress of the patients, in the order in which the desk books for them."""
        timed, recorded = np.ones(len(self), dtype=np.bool_), np.zeros(len(self), dtype=np.bool_)
        return in_order(
            self, first_row, self._referred, {**self._others, "timed": timed, "recorded": recorded}
        )
