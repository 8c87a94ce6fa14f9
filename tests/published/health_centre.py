"""A primary health centre with one doctor, a nurse for blood pressures, a laboratory and a pharmacy.

Source: Shoaib and Ramamohan, "Simulation modeling and analysis of primary health center operations", Simulation 98
(2022), 183-208: configuration 3 of tables 3, 4 and 6, and the authors' program, PHC.py, as kept by
stars-reproduce-shoaib-2022 (github.com/pythonhealthdatascience/stars-reproduce-shoaib-2022 at ea3e59a). Printed are
means over 100 runs of a year after 180 days; shares in use are of 420 minutes a day.

The program registers outpatients for six hours a day, one at once and the others at random. One in ten comes three
times and two in ten come twice, after three to eight days each, at any hour. The next day begins 18 hours after the
last of them: a day is a little longer than 24 hours. Inpatients never meet outpatients: without deliveries the
program sends none of them to the doctor.
"""

import datetime
import math
from collections.abc import Iterator

import numpy as np
from scipy import stats

from simclinic.model import simulate
from simclinic.records import DAY, Records
from simclinic.sampling.draws import draw
from simclinic.scenario import replace
from tests.published.figure import NOT_KNOWN, Figure, Sums, System, records, scenario

RUNS = 100
GAP, OPEN, PAUSE = 9.0, 360.0, 1080.0
CYCLE = OPEN + GAP + PAUSE
"""Minutes between new patients, in which they come, from the last of them to the next day, and from day to day."""
VISITS = 1.4
"""Visits of a patient, on average."""
OLD = (422 + 579 / 31) / 1001
"""Share of patients who are 30 or older: the program draws the age in two steps."""
PAPERWORK = 99.5
"""Minutes a day, of the doctor and of the nurse: a whole number from 60 to 140."""
WORKDAY = 420.0
BEFORE = 17
"""Days before the first one, of which patients come again."""
LENGTHS = {"consultation": (0.87, 0.21, 0.3), "test": (3.456, 0.823, 2.0), "dispensing": (2.083, 0.72, 0.67)}
"""Mean and standard deviation of a normal length, and the bound below which it is drawn again."""

PRINTED = {
    "doctor in use": (0.354, 0.002),
    "nurse for blood pressures in use": (0.468, 0.005),
    "pharmacist in use": (0.289, 0.003),
    "laboratory in use": (0.239, 0.004),
    "mean queue for the doctor": (0.001, 0.0),
    "mean wait for the doctor (min)": (0.034, 0.001),
    "mean queue for the pharmacy": (0.009, 0.0),
    "mean wait for the pharmacy (min)": (0.232, 0.006),
    "mean queue for the laboratory": (0.011, 0.001),
    "mean wait for the laboratory (min)": (0.571, 0.02),
    "beds in use": (0.011, 0.001),
    "staff nurses in use": (0.16, 0.001),
}
"""Mean and standard deviation over runs."""


def length(name: str) -> tuple[float, float]:
    """Return mean and standard deviation of a length that is drawn again below its bound."""
    mean, sd, least = LENGTHS[name]
    law = stats.truncnorm((least - mean) / sd, math.inf, mean, sd)
    return float(law.mean()), float(law.std())


def arrivals(rng: np.random.Generator, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw when patients are registered, and when all visits of the days begin, in minutes from their beginning."""
    end, moment = days * DAY, -BEFORE * DAY - rng.uniform(0.0, CYCLE)
    new, visits = [], []
    while moment < end:
        since = 0.0
        while since < OPEN:
            new.append(moment)
            often, gap = rng.integers(1, 11), rng.integers(3 * 1440, 8 * 1440 + 1)
            visits += [
                moment,
                *(round(moment) + gap * np.arange(1, 3 if often == 1 else 2 if often <= 3 else 1)),
            ]
            between = rng.exponential(GAP)
            moment, since = moment + between, since + between
        moment += PAUSE
    came = np.sort(np.array(visits, dtype=float))
    return np.array(new), came[(came >= 0.0) & (came < end)]


def _begin(asked: np.ndarray, lasts: np.ndarray) -> np.ndarray:
    """Return when one server begins with each, in order of asking: Lindley's recursion."""
    before = np.concatenate(([0.0], np.cumsum(lasts)[:-1]))
    return before + np.maximum.accumulate(asked - before)


def by_recursion(rng: np.random.Generator, days: int, newest: bool) -> dict[str, float]:
    """Work out the mean waits and the nurse's use without a simulator.

    Parameters
    ----------
    newest
        As the program does: age and test are those of the patient registered last, not of the one that asks.
        Otherwise each visit has its own.
    """
    new, came = arrivals(rng, days)
    old, tested = rng.random(len(new)) < OLD, rng.random(len(new)) < 0.5

    def decided(of: np.ndarray, share: float, when: np.ndarray) -> np.ndarray:
        return of[np.searchsorted(new, when, "right") - 1] if newest else rng.random(len(when)) < share

    def served(name: str, asked: np.ndarray) -> tuple[float, np.ndarray]:
        mean, sd, least = LENGTHS[name]
        lasts = stats.truncnorm.rvs((least - mean) / sd, math.inf, mean, sd, len(asked), random_state=rng)
        begun = _begin(asked, lasts)
        return float((begun - asked).mean()), begun + lasts

    ready = came.copy()
    first = decided(old, OLD, came)
    lasts = rng.uniform(2.0, 5.0, int(first.sum()))
    ready[first] = _begin(came[first], lasts) + lasts
    nurse = float((ready - came).sum()) / days + PAPERWORK * DAY / CYCLE
    doctor, ready = served("consultation", np.sort(ready))
    sent = decided(tested, 0.5, ready)
    laboratory, ready[sent] = served("test", ready[sent])
    pharmacy, _ = served("dispensing", np.sort(ready))
    return {
        "mean wait for the doctor (min)": doctor,
        "mean wait for the laboratory (min)": laboratory,
        "mean wait for the pharmacy (min)": pharmacy,
        "nurse for blood pressures in use": nurse / WORKDAY,
    }


def _sums(replications: int) -> Iterator[Sums]:
    made = scenario("health-centre")
    days = 7 * made.run.weeks
    midnight = datetime.datetime.combine(made.run.start, datetime.time())
    rng = np.random.default_rng(made.run.seed)
    paper = PAPERWORK * DAY / CYCLE * days
    for replication in range(replications):
        _, came = arrivals(rng, days)
        listed = replace(
            made, demand={"referrals": [midnight + datetime.timedelta(minutes=at) for at in came]}
        )
        one = simulate(listed, draw(listed, made.run.seed, replication))
        in_use = [_busy(one, "consultation") + paper, _pressure(one) + paper]
        in_use += [_busy(one, "dispensing"), _busy(one, "test")]
        yield [(minutes, WORKDAY * days) for minutes in in_use] + [
            cell
            for step, after in (("consultation", "lobby"), ("dispensing", "hall"), ("test", "corridor"))
            for waited, count in (_waits(one, step, after),)
            for cell in ((waited, days * DAY), (waited, count))
        ]


def _times(one: Records, column: str, step: str) -> np.ndarray:
    return np.asarray(one.visits[column][:, one.steps.index(step)])


def _waits(one: Records, step: str, after: str) -> tuple[float, float]:
    """Return the minutes waited for a step, and by how many."""
    waited = _times(one, "step_start", step) - _times(one, "step_end", after)
    return float(np.nansum(waited)), float(np.isfinite(waited).sum())


def _busy(one: Records, step: str) -> float:
    return float(np.nansum(_times(one, "step_end", step) - _times(one, "step_start", step)))


def _pressure(one: Records) -> float:
    """Return the nurse's minutes as the program counts them, with those waited for her."""
    return float(np.nansum(_times(one, "step_end", "blood-pressure") - one.visits["arrived"]))


def _beds(count: int) -> Iterator[Sums]:
    made = scenario("health-centre-inpatients")
    days = 7 * made.run.weeks - 1  # all who came in these have left by the end
    for one in records(made, count):
        looked = (one.visits["arrived"] >= 0.0) & (one.visits["arrived"] < days * DAY)
        lasts = (one.visits["step_end"] - one.visits["step_start"])[looked]
        admission, stay = (float(lasts[:, one.steps.index(name)].sum()) for name in ("admission", "stay"))
        # The printed share counts a bed after the admission, and an hour of paperwork for each of three nurses.
        yield [(stay, 6 * DAY * days), (admission + 180.0 * days, 21 * 60.0 * days)]


def _exact() -> dict[str, float]:
    """Shares in use are what comes in by the day, times its mean length."""
    begins = DAY / CYCLE
    visits = (1.0 + OPEN / GAP) * VISITS * begins
    return {
        "doctor in use": (visits * length("consultation")[0] + PAPERWORK * begins) / WORKDAY,
        "pharmacist in use": visits * length("dispensing")[0] / WORKDAY,
        "laboratory in use": 0.5 * visits * length("test")[0] / WORKDAY,
        "beds in use": 0.5 * 200.0 / DAY / 6,
        "staff nurses in use": (180.0 + 0.5 * 45.0) / (21 * 60.0),
    }


def _figures(names: list[str]) -> list[Figure]:
    exact = _exact()
    return [
        Figure(name, f"{PRINTED[name][0]} ({PRINTED[name][1]})", exact.get(name, NOT_KNOWN)) for name in names
    ]


_NAMES = list(PRINTED)
HEALTH_CENTRE = [
    System("outpatients", lambda: _figures(_NAMES[:-2]), 200, _sums),
    System("inpatients", lambda: _figures(_NAMES[-2:]), 200, _beds),
]
