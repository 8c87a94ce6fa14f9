"""Clinics of which theory knows whether they fill up: what their forecasts say.

A small clinic, one start a day and five a week, whose patients have a single infusion and no boosters: on paper it
is full if more than five a week ask, and has room if fewer do.
"""

import datetime as dt

import numpy as np
import pytest

from simclinic.experiment.replication import Prepared, replicate
from simclinic.measures import measure
from simclinic.measures.full import WEEKS_JUDGED
from simclinic.model import simulate
from simclinic.report.text.when_full import fullness
from simclinic.sampling.draws import Sampler
from simclinic.scenario import from_toml, with_overrides
from simclinic.scenario.panel import Panel, PanelPatient
from simclinic.studies.forecast import RelapseCase, _futures, from_today

STARTS = 5
SMALL = f"""
name = "One start a day"
[run]
seed = 20260105
[clinic]
chairs = 1
[booking]
starts = {{mon = ["09:00"], tue = ["09:00"], wed = ["09:00"], thu = ["09:00"], fri = ["09:00"]}}
patience_days = 14
[protocols.single]
infusions = 1
[demand.protocol_mix]
single = 1.0
[demand]
referrals_per_week = {float(STARTS)}
[intake]
contraindicated = 0.0
consult_no_show = 0.0
accepts = 1.0
[response]
probability = 0.0
drop_out = [0.0]
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:30-17:30"
nurses = 2
[attendance]
no_show = 0.0
late_cancel = 0.0
"""
SAME_DAY = ("attendance.late_cancel=0.08", "attendance.cancel_notice_days=0", "attendance.rebooks=1.0")


def simulated_futures(*changes, panel=(), weeks=20, futures=40):
    """Forecast the small clinic, with weekly tables of shape (futures, weeks) beside what is said of it."""
    clinic = with_overrides(from_toml(SMALL), list(changes))
    panel = Panel(panel)
    scenario = from_today(clinic, panel, weeks=weeks, as_of=dt.date(2026, 1, 5), replications=futures)
    prepared = Prepared(scenario, panel)
    each = [replicate(prepared, scenario.run.seed, number).weeks for number in range(futures)]
    columns = {name: np.concatenate([one[name] for one in each]) for name in each[0]}
    tables = {name: values.reshape(futures, weeks) for name, values in columns.items()}
    return _futures(RelapseCase("by theory", scenario), columns), tables


def test_half_the_starts_asked_for_is_never_full():
    result, tables = simulated_futures("demand.referrals_per_week=2.5")
    assert fullness(result["full_from"]) == "not"
    assert result["full_from"]["full"] == 0
    assert tables["not_served"].sum() == 0


def test_twice_the_starts_asked_for_is_full_from_the_beginning():
    result, tables = simulated_futures("demand.referrals_per_week=10")
    assert fullness(result["full_from"]) == "full"
    # A backlog of two weeks' starts, at which patience ends, is there after two weeks; half are turned away since.
    assert result["full_from"]["range"]["latest"]["week"] == 0
    late = slice(6, None)
    asked, refused = (tables[name][:, late].sum(axis=1) for name in ("asked", "not_served"))
    away = 1 - STARTS * (tables["asked"].shape[1] - 6) / asked
    assert refused / asked == pytest.approx(away, abs=0.12)
    assert (tables["starts_used"][:, late] == STARTS).all()


def test_same_day_cancellations_do_not_hide_a_full_clinic():
    """Of 5.6 who ask a week 4.6 are treated, 92 % of five starts, and 18 % are turned away."""
    result, tables = simulated_futures("demand.referrals_per_week=5.61", *SAME_DAY, weeks=40)
    filled = tables["starts_filled"].sum() / tables["starts_counted"].sum()
    assert filled < 0.95  # visits alone look as if there were room
    late = slice(20, None)
    away = tables["not_served"][:, late].sum(axis=1) / tables["asked"][:, late].sum(axis=1)
    assert abs(away.mean() - 0.18) < 4.1 * away.std(ddof=1) / np.sqrt(len(away))
    used = tables["starts_used"][:, late].sum() / tables["starts"][:, late].sum()
    assert used > 0.985
    assert fullness(result["full_from"]) == "full"
    assert result["weeks"][-1]["full_probability"] > 0.8


def weekly(patients):
    """Patients who have a booster every week, whatever becomes of it; none is booked yet."""
    last = dt.date(2026, 1, 2)
    return tuple(
        PanelPatient(key, "maintained", "single", 1, 1, None, last, None) for key in range(1, patients + 1)
    )


SCHEDULED = (
    'boosters.policy="scheduled"',
    "boosters.every_weeks=1",
    "boosters.attrition=0.0",
    "demand.referrals_per_week=0.0001",
)


@pytest.mark.parametrize(("patients", "late"), [(4, 0.0), (8, 0.0), (15, 1.0)])
def test_boosters_alone_can_fill_a_clinic(patients, late):
    """Patients N of S starts a week come every N / S weeks, so each waits N / S - 1 weeks after it is due.

    Eight wait four days, in time, and use all starts; fifteen wait two weeks.
    """
    result, tables = simulated_futures(*SCHEDULED, panel=weekly(patients), futures=3)
    middle = slice(4, None)
    assert tables["not_served"][:, middle].sum() == late * tables["asked"][:, middle].sum()
    used = tables["starts_used"][:, middle]
    assert (used == min(patients, STARTS)).all()
    shares = {week["full_probability"] for week in result["weeks"][4:]}
    assert shares == {1.0 if patients > STARTS else 0.0}


def test_more_chairs_put_it_off():
    two = 'booking.starts={mon=["09:00","11:00"], tue=["09:00"], wed=["09:00"], thu=["09:00"], fri=["09:00"]}'
    few, _ = simulated_futures("demand.referrals_per_week=5.2", weeks=30)
    more, _ = simulated_futures("demand.referrals_per_week=5.2", two, weeks=30)
    assert more["full_from"]["full"] < few["full_from"]["full"]


@pytest.mark.parametrize("cap", ["booking.prefer_days=7", "booking.max_patients_in_series=2"])
def test_measured_weeks_do_not_know_of_the_weeks_after_them(cap):
    """Short enough that nobody whom a cap holds back has lost patience: who does so later is not told before."""
    scenario = with_overrides(
        from_toml(SMALL), [cap, "demand.referrals_per_week=8", 'run.begin="empty"', "run.warm_up_weeks=0"]
    )
    for weeks in (1, 2, 6):
        short = with_overrides(scenario, [f"run.weeks={weeks}"])
        alone = measure(simulate(short, Sampler(short, Panel(())).sample(1, 0)), short)
        longer = replicate(Prepared(short, Panel(())), 1, 0)
        ahead = {name for name in alone.weeks if name.endswith("_ahead") or name == "not_served"}
        assert longer.kpis == pytest.approx(alone.kpis, nan_ok=True)
        for name in set(alone.weeks) - ahead:
            assert longer.weeks[name] == pytest.approx(alone.weeks[name], nan_ok=True), name


def test_the_weeks_after_the_last_are_simulated_and_change_nothing():
    """A week in the middle of a long forecast and the last of a short one are judged alike."""
    demand = "demand.referrals_per_week=5.6"
    short, short_tables = simulated_futures(demand, weeks=6, futures=10)
    long, long_tables = simulated_futures(demand, weeks=6 + WEEKS_JUDGED, futures=10)
    assert short["weeks"] == long["weeks"][:6]
    for name, values in short_tables.items():
        assert np.allclose(values, long_tables[name][:, :6]), name
