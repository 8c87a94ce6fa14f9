"""Today's patients on the clock of the simulation, at midnight of its first day."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import numpy.typing as npt

from simclinic.sampling.initial_state import Columns, in_order
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel

_DAY = 1440.0
_NOON = 720.0
_LONGEST_BREAK = 60  # days


class Today:
    """A panel on the calendar of a scenario.

    Parameters
    ----------
    scenario
        The scenario; its `run.start` is today.
    panel
        The patients.

    Attributes
    ----------
    high, low
        Identity of each patient, two words of 32 bits.
    protocol
        Index of each patient's protocol, in the scenario's order.
    consults, waits, maintained
        Whether each patient is booked for a consult, waits for a first infusion, or has completed a series.
    given, boosters, course
        Infusions of the series, booster infusions and whole booster courses given so far.
    stays
        Probability that each patient has not left the booster programme unseen.
    elapsed
        Days from each patient's last infusion to the last open day before today, holidays not counted; 0 before the
        first infusion.
    last_closing
        The last closing before today, in minutes: later calls have not been answered yet.
    referred, last, appointment, requested
        Minutes since midnight of today, NaN if not known. If only the date of the last infusion, or of a request
        for a booster or a consult, is known, the middle of that day's opening hours is assumed.
    """

    def __init__(self, scenario: Scenario, panel: Panel) -> None:
        patients = panel.patients
        stages = [patient.stage for patient in patients]
        keys = np.array([patient.key for patient in patients], dtype=np.uint64)
        self.high = (keys >> np.uint64(32)).astype(np.int64)
        self.low = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
        names = list(scenario.protocols)
        self.protocol = _whole([names.index(patient.protocol) for patient in patients])
        self.waits = np.array([stage == "waiting" for stage in stages], dtype=np.bool_)
        self.consults = np.array([stage == "consult" for stage in stages], dtype=np.bool_)
        self.maintained = np.array([stage == "maintained" for stage in stages], dtype=np.bool_)
        self.given = _whole([patient.infusions_done for patient in patients])
        self.boosters = _whole([patient.boosters_done for patient in patients])
        infusions = _whole([laws.boosters.infusions for laws in scenario.laws.values()])
        self.course = self.boosters // infusions[self.protocol]
        self.last_closing = _last_closing(scenario)
        self.referred = _minutes(scenario, [patient.referred_on for patient in patients], middle=True)
        self.last = _minutes(scenario, [patient.last_infusion_on for patient in patients], middle=True)
        self.elapsed = _silent(scenario, self.last, self.last_closing)
        booked = [patient.next_appointment for patient in patients]
        self.appointment = _minutes(scenario, booked, middle=False)
        self.requested = _minutes(scenario, [patient.asked_on for patient in patients], middle=True)
        self.stays = np.array([patient.stays for patient in patients], dtype=np.float64)
        self._timed = np.array([isinstance(moment, dt.datetime) for moment in booked], dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.waits)

    def progress(self, first_row: int) -> Columns:
        """Return the progress of the patients; see :class:`simclinic.sampling.initial_state.InitialState`."""
        nothing, unknown = np.zeros(len(self), dtype=np.int64), np.full(len(self), np.nan)
        boosted = self.boosters > 0
        others = {
            "timed": self._timed,
            "recorded": np.ones(len(self), dtype=np.bool_),
            **dict.fromkeys(("missed", "relapses"), nothing),
            **dict.fromkeys(("relapse", "first_infusion", "series_ended"), unknown),
            "last_infusion": np.where(boosted, np.nan, self.last),
            "programme": np.where(boosted, 0.0, np.nan),  # from an unknown moment on
        }
        return in_order(self, first_row, self.referred, others)


def _last_closing(scenario: Scenario) -> float:
    """Return the last closing before today, in minutes: later calls have not been answered yet."""
    for back in range(1, _LONGEST_BREAK + 1):
        date = scenario.run.start - dt.timedelta(days=back)
        clinic = scenario.at(date).clinic
        hours = clinic.usual(date)
        if hours is not None and not clinic.closed(date):
            return hours.end - back * _DAY
    return -_LONGEST_BREAK * _DAY


def _silent(scenario: Scenario, last: npt.NDArray[np.float64], last_closing: float) -> npt.NDArray[np.int64]:
    """Count the days from each last infusion to the last open day, without the holidays of the last weeks."""
    start = scenario.run.start
    dates = [start - dt.timedelta(days=days) for days in range(1, _LONGEST_BREAK + 1)]
    holiday = np.cumsum([0, *(_is_holiday(scenario, date) for date in dates)])
    since = np.where(np.isnan(last), 0, -np.floor(np.nan_to_num(last) / _DAY)).astype(np.int64)
    until = 1 - math.ceil(last_closing / _DAY)
    between = np.clip(since - 1, until, _LONGEST_BREAK)
    days: npt.NDArray[np.int64] = since - until - (holiday[between] - holiday[until])
    return np.maximum(days, 0)


def _is_holiday(scenario: Scenario, date: dt.date) -> bool:
    clinic = scenario.at(date).clinic
    return clinic.usual(date) is not None and clinic.closed(date)


def _whole(numbers: list[int]) -> npt.NDArray[np.int64]:
    return np.array(numbers, dtype=np.int64)


def _minutes(scenario: Scenario, moments: list[dt.date | None], *, middle: bool) -> npt.NDArray[np.float64]:
    """Convert moments to minutes; a date without a time is its midnight, or the middle of the opening hours."""
    midnight = dt.datetime.combine(scenario.run.start, dt.time())
    minutes = np.full(len(moments), np.nan)
    for at, moment in enumerate(moments):
        if moment is None:
            continue
        if isinstance(moment, dt.datetime):
            minutes[at] = (moment - midnight).total_seconds() / 60.0
            continue
        minutes[at] = (moment - scenario.run.start).days * _DAY
        if middle:
            hours = scenario.at(moment).clinic.usual(moment)
            minutes[at] += _NOON if hours is None else hours.middle
    return minutes
