"""Scenarios that would run without end: refused, or broken off by a count, and the rest goes on."""

import datetime
import itertools
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from simclinic.experiment import Failure
from simclinic.experiment.replication import Prepared, replicate
from simclinic.model import clinic as clinics
from simclinic.model import clock as clocks
from simclinic.model import people
from simclinic.planning import book as books
from simclinic.sampling import draws, referrals
from simclinic.sampling.last_contact import days_to_relapse, relapse_within
from simclinic.sampling.referrals import Referrals
from simclinic.scenario import from_toml
from simclinic.scenario.bounds import referred
from simclinic.scenario.panel import Panel, PanelPatient
from simclinic.studies import run as runs
from tests.laws import only

WALK_IN = """
name = "Walk-in"
[run]
begin = "empty"
warm_up_weeks = 0
weeks = 30
[clinic]
chairs = 1
[clinic.hours]
mon = "24h"
tue = "24h"
wed = "24h"
thu = "24h"
fri = "24h"
sat = "24h"
sun = "24h"
[booking]
mode = "walk-in"
[protocols.once]
infusions = 1
[demand.protocol_mix]
once = 1
[visit.steps.only]
minutes = 30
"""
"""One chair, always open, for half an hour each: 336 visits a week."""

AT_ONCE = """
[response]
probability = 1.0
[relapse]
days = 0.04
[boosters]
uptake = 1.0
attrition = 0.0
self_report = 1.0
days = 0.04
"""
"""Everybody comes again an hour after each visit."""


def made(text, *changes, number=0):
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return replicate(Prepared(from_toml(text)), 1, number)


def broken_off(outcome):
    assert isinstance(outcome, Failure), outcome
    assert "Error" not in outcome.error  # plain words, no name of a class
    return outcome.error


# -- one patient -----------------------------------------------------------------------------------------------


def test_a_patient_who_comes_again_and_again_on_a_day_is_cut_off():
    message = broken_off(made(WALK_IN + AT_ONCE, ("minutes = 30", "minutes = 1")))
    assert message.startswith("more than 24 visits of one patient on one day")
    assert "(on 2026-01-" in message


def test_a_patient_with_time_between_visits_is_not():
    # An hour and a visit of half an hour: sixteen a day.
    result = made(WALK_IN + AT_ONCE, ("weeks = 30", "weeks = 1"))
    assert not isinstance(result, Failure), result.error


def test_what_is_written_ahead_of_a_patient_has_a_bound(monkeypatch):
    """Random inputs of later boosters are drawn when they are needed, and are the same."""
    text = WALK_IN + AT_ONCE.replace("0.04", "1.5")
    whole = made(text)
    monkeypatch.setattr(draws, "MOST_VISITS", 300)
    drawn = draws.Sampler(from_toml(text)).sample(1, 0)
    assert len(drawn.boosters) <= 300 + len(drawn.coming)
    assert repr(made(text).kpis) == repr(whole.kpis)


def test_ten_thousand_boosters_leave_numbers():
    """A patient of the panel may have had them; a factor of ten for each is no number any more, nor is a half."""
    for factor in (0.5, 10.0):
        scenario = from_toml(f'name = "x"\n[boosters]\nlengthening = {factor}\n')
        days = days_to_relapse(only(scenario), np.array([1, 2, 10_000]), np.full(3, 0.5))
        assert np.isfinite(days).all()
        assert days[1] == pytest.approx(factor * days[0])
        within = relapse_within(only(scenario), np.array([1, 2, 10_000]), np.full(3, 30.0))
        assert ((within >= 0) & (within <= 1)).all()
        assert np.sign(np.diff(within)).sum() == (2 if factor < 1 else -2)


def test_misses_without_end_are_drawn_many_at_a_time():
    """And are the same as drawn one by one: some patients miss more than 8, and more than 72, in a row."""
    text = (
        'name = "x"\n[run]\nweeks = 20\nwarm_up_weeks = 0\n[attendance]\nno_show = 0.5\nlate_cancel = 0.47\n'
    )
    sample = draws.Sampler(from_toml(text)).sample(3, 0)
    longest = 0
    for patient in sample.coming[:40]:
        misses = sample.series.misses(sample.series_row(int(patient), 1))
        first, one = np.array([patient]), np.array([1])
        for attempt in itertools.count():
            missed, outcome, again = sample.visits._missed("induction", first, one, attempt, 1.0)
            result = sample.visits.miss("induction", int(patient), 1, misses, attempt)
            if not len(missed):
                assert result is None
                break
            assert result == (int(outcome[0]), bool(again[0]))
            longest = max(longest, attempt)
    assert longest > 72


# -- the clinic ------------------------------------------------------------------------------------------------


def test_visits_without_end_are_cut_off(monkeypatch):
    monkeypatch.setattr(people, "MOST_VISITS", 100)
    assert broken_off(made(WALK_IN)).startswith("more than 100 visits and requests (on 2026-")


def test_events_without_end_are_cut_off(monkeypatch):
    run_to = clocks.Clock.run_to
    monkeypatch.setattr(clocks.Clock, "run_to", lambda clock, end: run_to(clock, end, 1000))
    message = broken_off(made(WALK_IN))
    assert message.startswith(
        "more than 1,000 events: the clinic never comes to the end of its time (on 2026-"
    )


def test_series_without_end_are_cut_off(monkeypatch):
    monkeypatch.setattr(draws, "MOST_VISITS", 50)
    message = broken_off(made(WALK_IN))
    assert "patients are ready for a series" in message
    assert "at most 50 can be simulated" in message


def test_seasons_cannot_exceed_the_bound_on_referrals(monkeypatch):
    monkeypatch.setattr(referrals, "_MOST_EXPECTED", 100)
    assert "patients are expected to be referred" in broken_off(made(WALK_IN))


def test_a_year_long_closing_does_not_lengthen_gaps_for_ever():
    protocol = from_toml('name = "x"').protocols["twice-weekly"]
    closings = books.Closings([False, *[True] * 2000, False])
    most = max(gap for gap, _ in books.gaps(protocol, closings).permitted)
    assert most == 7 + books.MOST_LENGTHENED


def test_absences_do_not_depend_on_how_many_are_drawn_at_a_time(monkeypatch):
    sample = draws.Sampler(from_toml(WALK_IN)).sample(1, 0)
    days = np.arange(100)
    whole = sample.absences("day", days, 7, 0.3)
    monkeypatch.setattr(draws, "_BLOCK", 20)
    assert (sample.absences("day", days, 7, 0.3) == whole).all()
    assert 0 < whole.sum() < 700


@pytest.mark.parametrize("growth", [-0.5, 0.0, 1e-9, 3.0])
@pytest.mark.parametrize("since", [None, "2025-06-01", "2026-02-10", "2029-01-01"])
def test_referrals_are_counted_as_they_are_drawn(growth, since):
    """The rule's closed form against the sum over days that the simulation draws from."""
    text = f'name = "x"\n[run]\nweeks = 60\nwarm_up_weeks = 30\n[demand]\ngrowth_per_year = {growth}\n'
    made = from_toml(text + (f"growth_from = {since}\n" if since else ""))
    # A day's mean is taken at its beginning, so a week's growth is the error to allow for.
    assert referred(made.run, made.demand) == pytest.approx(Referrals(made).means.sum(), rel=0.03)


def test_growth_beyond_counting_is_no_crash():
    demand, run = (getattr(from_toml('name = "x"'), name) for name in ("demand", "run"))
    steep = demand.model_copy(update={"growth_per_year": 100.0, "growth_from": datetime.date(1800, 1, 1)})
    assert referred(run, steep) == float("inf")
    assert referred(run, steep.model_copy(update={"referrals_per_week": 0.0})) == 0.0


# -- queues ----------------------------------------------------------------------------------------------------

CROWDED = {
    "a chair": WALK_IN.replace("minutes = 30", "minutes = 4000"),
    "a nurse": WALK_IN.replace("minutes = 30", 'minutes = 4000\nnurse = "hands-on"').replace(
        "chairs = 1", "chairs = 1000"
    )
    + '[shifts.day]\ndays = ["mon"]\nhours = "24h"\nnurses = 1\n',
    "an appointment": """
name = "Booked"
[run]
begin = "empty"
warm_up_weeks = 0
weeks = 30
[clinic]
chairs = 1
[visit.steps.only]
minutes = 500
[response]
probability = 1.0
[protocols.once]
infusions = 1
[demand.protocol_mix]
once = 1
[booking]
window_weeks = 1
[relapse]
days = 70
[boosters]
uptake = 1.0
attrition = 0.0
days = 5
""",
    "their turn to begin a series": """
name = "Capped"
[run]
begin = "empty"
warm_up_weeks = 0
weeks = 30
[booking]
max_patients_in_series = 1
patience_days = 400
""",
}


@pytest.mark.parametrize("what", CROWDED)
def test_a_queue_without_end_is_cut_off(monkeypatch, what):
    monkeypatch.setattr(clinics, "MOST_WAITING", 15)
    message = broken_off(made(CROWDED[what]))
    assert message.startswith(f"patients wait without bound: more than 15 at once for {what} (on 2026-")


def test_a_queue_without_end_is_a_verdict(simclinic, tmp_path, monkeypatch):
    """Status 1, and the manager reads that the clinic is not stable and why, with and without figures."""
    monkeypatch.setattr(clinics, "MOST_WAITING", 25)
    file = tmp_path / "queue.toml"
    file.write_text(CROWDED["a chair"].replace("weeks = 30", "weeks = 12"))
    made = [simclinic("run", file, "--out", tmp_path / "out", "--replications", count) for count in (20, 1)]
    result = simclinic("run", file, "--out", tmp_path / "out", "--replications", 20, "--json")
    document = json.loads(result.out)
    assert result.status == 1
    assert document["verdict"] == "not-stable"
    assert document["stable"] is False
    failed = len((tmp_path / "out" / "failures.jsonl").read_text().splitlines())
    assert failed > 0
    reason = f"{runs.WITHOUT_END} in {failed} of 20 replications"
    assert reason.startswith("patients wait without bound: more than 20,000 waited at once")
    assert document["verdict_reasons"][0] == reason
    assert "NOT STABLE" in made[0].out
    assert " ".join(reason.split()[:4]) in made[0].out
    assert f"{failed} of 20 replications failed" in made[0].err
    assert "patients wait without bound: more than 25 at once for a chair" in made[0].err
    assert simclinic("report", tmp_path / "out").status == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "This clinic does not carry its demand: patients wait without bound" in page


def test_a_clinic_whose_replications_all_have_a_queue_without_end_is_not_stable(
    simclinic, tmp_path, monkeypatch
):
    monkeypatch.setattr(clinics, "MOST_WAITING", 5)
    file = tmp_path / "queue.toml"
    file.write_text(CROWDED["a chair"])
    result = simclinic("run", file, "--out", tmp_path / "out", "--replications", 2)
    assert result.status == 1
    assert "NOT STABLE" in result.out
    assert "2 of 2 replications" in result.out
    assert simclinic("report", tmp_path / "out").status == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "There are no figures: no replication was finished." in page


def test_a_point_of_a_sweep_with_a_queue_without_end_is_not_stable(simclinic, tmp_path, monkeypatch):
    monkeypatch.setattr(clinics, "MOST_WAITING", 15)
    (tmp_path / "queue.toml").write_text(CROWDED["a chair"].replace("weeks = 30", "weeks = 6"))
    (tmp_path / "study.toml").write_text(
        'name = "s"\nscenario = "queue.toml"\nreplications = 2\ndesign = "grid"\n[factors]\n'
        '"visit.steps.only.minutes" = [5, 20000]\n'
    )
    result = simclinic("sweep", tmp_path / "study.toml", "--out", tmp_path / "out", "--workers", 1)
    assert result.status == 1
    assert "2 of 4 runs failed" in result.err
    verdicts = pq.read_table(tmp_path / "out" / "points.parquet").column("verdict").to_pylist()
    assert verdicts[1] == "not-stable" != verdicts[0]


def test_todays_patients_may_wait_beside_the_bound(monkeypatch):
    """The bound is on what comes to be, not on how many a clinic really has on its list."""
    monkeypatch.setattr(clinics, "MOST_WAITING", 0)
    monkeypatch.setattr(people, "MOST_VISITS", 500)
    text = (
        CROWDED["their turn to begin a series"].replace("weeks = 30", "weeks = 1")
        + "[demand]\nreferrals_per_week = 0\n"
    )
    scenario = from_toml(text)
    waits = [
        PanelPatient(
            key, "waiting", "twice-weekly", 0, 0, scenario.run.start - datetime.timedelta(days=9), None, None
        )
        for key in range(9)
    ]
    result = replicate(Prepared(scenario, Panel(tuple(waits))), 1, 0)
    assert not isinstance(result, Failure), result.error
