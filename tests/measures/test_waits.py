"""How waits end, by days waited: counted by hand, in the model, and held against a law that is known."""

from dataclasses import replace

import numpy as np
import pytest

from simclinic import records as r
from simclinic.experiment.replication import Prepared, replay
from simclinic.measures import measure
from simclinic.measures.incidence import turned_away
from simclinic.measures.waits import first_day_turned_away, first_of_last, waits
from simclinic.scenario import baseline, from_toml, with_overrides
from tests.measures.paper import CLINIC, at, write

PATIENT = with_overrides(from_toml(CLINIC), ["booking.patience_days=9", "booking.notice_days=1"])
"""A held patient is turned away at the first opening from the ninth day on."""


def came(ready, *, begun=None, left=None, reason=r.STILL_HERE, **more):
    """A new patient, by days; at nine when ready, at ten otherwise."""
    times = {"ready": ready + 0.375} | {
        name: day + 0.42 for name, day in (("first_infusion", begun), ("left", left)) if day is not None
    }
    return {"protocol": 0, "reason": reason} | {name: at(day) for name, day in times.items()} | more


PATIENTS = (
    came(-6, begun=1),  # had waited six days when the weeks began, and begins on the seventh
    came(-9, left=0, reason=r.LEFT_UNSERVED),  # turned away on the ninth day
    came(0, begun=0),
    came(1, left=10, reason=r.LEFT_UNSERVED),  # turned away on the ninth day
    came(2, left=5, reason=r.DROPPED_OUT),  # gives up on the third day
    came(5),  # held back: has waited eight days when the weeks end
    came(12),  # has waited one day, and may get an appointment yet
    came(-8, begun=-1),  # before the weeks
    came(-8, left=-1, reason=r.LEFT_UNSERVED),
    came(14, begun=14),  # after them
    came(0, left=9, reason=r.LEFT_UNSERVED, origin=r.PANEL),  # nobody knows since when
)


def table(counts, number=0):
    """Give one replication's counts its number."""
    return {"replication": np.full(len(counts["waited"]), number)} | counts


def together(tables):
    """Put the tables of replications together, each with its number."""
    numbered = [table(counts, number) for number, counts in enumerate(tables)]
    return {name: np.concatenate([each[name] for each in numbered]) for name in numbered[0]}


def open_days(first, last, shut=()):
    return [{"day": day} | ({} if day in shut else {"opening": at(day, 480)}) for day in range(first, last)]


def test_waits_counted_by_hand():
    result = waits(write(PATIENTS, days=open_days(-14, 14), first_day=-14), PATIENT)
    assert {name: values.tolist() for name, values in result.items()} == {
        "since": [0] * 10,
        "waited": [*range(10)],
        "at_risk": [5, 4, 3, 3, 2, 2, 3, 3, 2, 2],
        "begun": [1, 0, 0, 0, 0, 0, 0, 1, 0, 0],
        "turned_away": [0, 0, 0, 0, 0, 0, 0, 0, 0, 2],
        "gave_up": [0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        "held": [0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
    }


def test_share_by_hand():
    """Of five waits four go on after day 0, of three two after day 3, of three two after day 7; all then end."""
    five = together([waits(write(PATIENTS, days=open_days(-14, 14), first_day=-14), PATIENT)] * 5)
    result = turned_away(five, 0, first_day_turned_away(PATIENT), seed=1)
    assert result == pytest.approx([4 / 5 * 2 / 3 * 2 / 3] * 3)


def test_the_last_weeks_are_counted_by_themselves():
    """Of six weeks the last four begin on day 14: who is ready on day 12 is then at risk from two days on."""
    patients = (came(0, begun=13), came(12, begun=15), came(30, begun=30))
    result = waits(write(patients, days=open_days(-14, 42), weeks=6), PATIENT)
    assert first_of_last(6) == 14
    last = result["since"] == 14
    assert result["at_risk"][~last].tolist() == [3, 2, 2, 2, *[1] * 6]
    assert result["at_risk"][last].tolist() == [1, 0, 1, 1, *[0] * 6]
    assert result["begun"][last].tolist() == [1, 0, 0, 1, *[0] * 6]


def test_closed_days_put_the_last_day_off():
    """Held patients leave when the doors are next open, so waits are followed beyond a closed stretch."""
    closed = waits(write((), days=open_days(-14, 14, shut=(4, 5, 6)), first_day=-14), PATIENT)
    assert closed["waited"][-1] == 9 + 3
    before = waits(write((), days=open_days(-14, 14, shut=(-8, -7, -6)), first_day=-14), PATIENT)
    assert before["waited"][-1] == 9
    # nobody waits longer than what was simulated
    endless = with_overrides(PATIENT, ["booking.patience_days=36500"])
    assert len(waits(write((), days=open_days(-7, 14)), endless)["waited"]) == 22


def test_in_the_model_all_who_are_turned_away_are_followed_that_long():
    """Under a cap who is still held leaves from day 41 on (patience 42, notice 2); the table has all of them."""
    scenario = with_overrides(
        baseline(),
        [
            "booking.max_patients_in_series=8",
            "demand.referrals_per_week=12",
            'run.begin="empty"',
            "run.warm_up_weeks=26",
            "run.weeks=6",
            "boosters.uptake=0",
        ],
    )
    measured = measure(replay(Prepared(scenario), 1, 0), scenario)
    counts = {name: values[measured.waits["since"] == 0] for name, values in measured.waits.items()}
    away = np.repeat(counts["waited"], counts["turned_away"])
    assert away.size == measured.weeks["balked"].sum() > 5
    assert first_day_turned_away(scenario) == 41
    # the doors are closed at weekends; who is let in just before may find no date in time
    assert away.max() == counts["waited"][-1] == 43
    assert np.mean(away >= 41) > 0.7
    assert counts["held"].sum() > 5
    ended = counts["begun"] + counts["turned_away"] + counts["gave_up"]
    assert ended.sum() <= measured.weeks["decided"].sum()  # some begin later than anybody is turned away


DAYS = 30
BEGUN, AWAY, GAVE_UP = 0.03, 0.02, 0.01
TRUE = AWAY * (1 - (1 - BEGUN - AWAY - GAVE_UP) ** (DAYS + 1)) / (BEGUN + AWAY + GAVE_UP)
"""Share turned away within so many days, where each day each wait may end in one of three ways."""


def constant_hazards(rng, weeks=4, per_day=5):
    """Count a replication in which patients come on every day of two months before and of the weeks."""
    ready = np.repeat(np.arange(-60, 7 * weeks), rng.poisson(per_day, 60 + 7 * weeks))
    days = rng.geometric(BEGUN + AWAY + GAVE_UP, ready.size) - 1
    how = rng.choice(3, ready.size, p=np.array([BEGUN, AWAY, GAVE_UP]) / (BEGUN + AWAY + GAVE_UP))
    ended = ready + days
    patients = r.blank(r.PATIENT_COLUMNS, ready.size)
    patients["ready"] = (ready + 0.3) * r.DAY
    patients["first_infusion"] = np.where(how == 0, (ended + 0.6) * r.DAY, np.nan)
    patients["left"] = np.where(how > 0, (ended + 0.6) * r.DAY, np.nan)
    patients["reason"] = np.choose(how, [r.STILL_HERE, r.LEFT_UNSERVED, r.DROPPED_OUT])
    empty = write((), days=open_days(-60, 7 * weeks), weeks=weeks, first_day=-60)
    records = replace(empty, patients=patients)
    scenario = with_overrides(PATIENT, [f"booking.patience_days={DAYS}"])
    return waits(records, scenario)


def test_intervals_hold_the_share_of_a_law_that_is_known():
    """Of 60 studies of 10 replications at least 51 hold it (binomial, 99.9 %); 300 pooled pin it down."""
    rng = np.random.default_rng(8)
    tables = [constant_hazards(rng, per_day=1) for _ in range(600)]
    results = [turned_away(together(tables[k : k + 10]), 0, DAYS, seed=1) for k in range(0, 600, 10)]
    assert sum(each.low <= TRUE <= each.high for each in results) >= 51
    pooled = turned_away(together(tables[:300]), 0, DAYS, seed=1)
    assert pooled.high - pooled.low < 0.03
    assert pooled.low < TRUE < pooled.high


def test_few_replications_have_the_interval_of_student():
    """Where everybody is decided on one day the share is a mean, and Student's interval is known."""
    away = np.array([31, 38, 44, 47, 52, 55, 63, 66])
    tables = [
        {
            "since": np.zeros(3, int),
            "waited": np.arange(3),
            "at_risk": np.full(3, 100),
            "begun": np.array([0, 0, 100 - each]),
            "turned_away": np.array([0, 0, each]),
            "gave_up": np.zeros(3, int),
        }
        for each in away
    ]
    result = turned_away(together(tables), 0, 2, seed=1)
    half = 2.365 * np.std(away / 100, ddof=1) / np.sqrt(8)
    assert result.share == pytest.approx(np.mean(away) / 100)
    assert result.high - result.low == pytest.approx(2 * half, rel=0.1)


def test_mirrored_pairs_are_resampled_together():
    """Replications that differ from each other and make equal pairs leave nothing to chance."""
    few, many = (
        {
            "since": np.zeros(3, int),
            "waited": np.arange(3),
            "at_risk": np.array([10, 10, away]),
            "begun": np.array([0, 10 - away, 0]),
            "turned_away": np.array([0, 0, away]),
            "gave_up": np.zeros(3, int),
        }
        for away in (2, 8)
    )
    pairs = together([few, many] * 5)
    assert turned_away(pairs, 0, 2, seed=1, together=2) == pytest.approx([0.5] * 3)
    single = turned_away(pairs, 0, 2, seed=1)
    assert single.share == pytest.approx(0.5)
    assert single.high - single.low > 0.2
    assert turned_away(pairs, 0, 2, seed=1) == single
    assert turned_away(together([few, many] * 4), 0, 2, seed=1, together=2) is None  # four pairs are too few


def test_what_nobody_shows_is_not_known():
    whole = {
        "since": np.zeros(3, int),
        "waited": np.arange(3),
        "at_risk": np.array([10, 6, 2]),
        "begun": np.array([4, 4, 0]),
        "turned_away": np.array([0, 0, 2]),
        "gave_up": np.zeros(3, int),
    }
    assert turned_away(together([whole] * 5), 0, 2, seed=1) == pytest.approx([0.2] * 3)
    assert turned_away(together([whole] * 4), 0, 2, seed=1) is None
    # nobody has waited three days; nobody had waited two, though all before were decided
    assert turned_away(together([whole] * 5), 0, 3, seed=1) is None
    short = whole | {
        "at_risk": np.array([10, 6, 0]),
        "begun": np.array([4, 5, 0]),
        "turned_away": np.array([0, 1, 0]),
    }
    assert turned_away(together([short] * 5), 0, 2, seed=1) is None
    # nobody was turned away yet: those who had waited so long were let in, which shows nothing of others
    let_in = whole | {"begun": np.array([4, 4, 2]), "turned_away": np.zeros(3, int)}
    assert turned_away(together([let_in] * 5), 0, 2, seed=1) is None
    # some wait on, and nobody shows how long
    gap = whole | {"at_risk": np.array([10, 0, 2]), "begun": np.array([4, 0, 0])}
    assert turned_away(together([gap] * 5), 0, 2, seed=1) is None
    # one of five shows it: too many resamples do not have it
    censored = whole | {"at_risk": np.array([10, 6, 0]), "turned_away": np.zeros(3, int)}
    assert turned_away(together([whole, *[censored] * 4]), 0, 2, seed=1) is None
