"""What is made of a clinic before a question about it: the same as without, and used only where it fits."""

import dataclasses
import math

import pytest

from simclinic.experiment import Failure, Prepared, SerialExecutor, replicate
from simclinic.experiment.pilot import with_error
from simclinic.measures.kpis import import_own
from simclinic.past.past import Competition
from simclinic.results.document import as_json
from simclinic.scenario import baseline, replace
from simclinic.studies import made_ahead
from simclinic.studies.made_ahead import FIRST, Ahead, first_of, is_begun, made, make, remember
from simclinic.studies.run import run
from tests.experiment.test_replication import same

EMPTY = replace(baseline(), run={"begin": "empty", "warm_up_weeks": 1, "weeks": 2, "replications": 3})
STEADY = replace(baseline(), run={"warm_up_weeks": 1, "weeks": 2, "history_weeks": 20, "replications": 3})


@pytest.fixture(autouse=True)
def nothing_is_known(monkeypatch):
    monkeypatch.setattr(made_ahead, "_known", type(made_ahead._known)())
    monkeypatch.setattr(made_ahead, "_LONG", math.inf)  # however busy the machine is


def test_pilots_come_first_and_then_replications_which_are_those_of_any_run():
    with SerialExecutor() as executor:
        first = make(STEADY, executor)
        assert first == Ahead(with_error(STEADY), None)
        assert made(STEADY) == first.pilots
        assert not is_begun(STEADY)
        whole = make(STEADY, executor)
    assert whole.pilots == first.pilots
    assert [each.number for each in whole.first] == list(range(FIRST))
    prepared = Prepared(STEADY, None, first.pilots[0], controlled=True)
    for each in whole.first[::5]:
        assert same(each, replicate(prepared, STEADY.run.seed, each.number))
    more = replace(STEADY, run={"replications": 40})
    assert first_of(more, first.pilots[0]) == whole.first, "however many are asked for"
    assert first_of(more, first.pilots[0]._replace(first_delay_days=9.0)) == ()
    assert first_of(replace(STEADY, run={"seed": 2}), first.pilots[0]) == ()


def test_an_answer_with_them_is_the_answer_without(tmp_path):
    """Figures, and what is told of progress: those that were there are finished at once."""
    documents, told = [], []
    for name in ("without", "with"):
        seen = []
        documents.append(
            run(EMPTY, out=tmp_path / name, progress=lambda *now, seen=seen: seen.append(now)).document
        )
        told.append(seen)
        with SerialExecutor() as executor:
            make(EMPTY, executor)
    assert as_json(documents[0]) == as_json(documents[1])
    assert told == [[(done, 3) for done in range(4)], [(3, 3)]]


def test_what_was_made_is_used_where_it_fits_alone(tmp_path):
    with SerialExecutor() as executor:
        ahead = make(EMPTY, executor)
    figures = {**ahead.first[0].kpis, "boosters_per_week": 4321.0}
    remember(EMPTY, Ahead(None, (dataclasses.replace(ahead.first[0], kpis=figures), *ahead.first[1:])))
    used = run(EMPTY, out=tmp_path / "used").document["kpis"]["boosters_per_week"]
    mirrored = run(
        replace(EMPTY, run={"replications": 4}), out=tmp_path / "mirrored", antithetic=True
    ).document
    quarters = run(EMPTY, out=tmp_path / "parts", study="run-in-2-parts", parts=2).document
    assert used["mean"] > 1000
    assert mirrored["kpis"]["boosters_per_week"]["mean"] < 1000
    assert quarters["kpis"]["boosters_per_week"]["mean"] < 1000


def test_a_replication_that_fails_ends_the_row_and_slow_ones_are_fewer(monkeypatch):
    """None is waited for after a failure, and what was finished out of turn does not count."""
    real, seconds, clock = replicate(Prepared(EMPTY, controlled=True), EMPTY.run.seed, 0), 0.0, [0.0]
    fails, seen = {2}, []

    def outcomes(tasks, _executor, *, soon):
        assert soon == FIRST
        for number in (1, 0, 3, 2, 4, 5):
            clock[0] += seconds
            seen.append(number)
            failure = Failure.of(ValueError("x"), number=number, seed=1)
            yield tasks[number], failure if number in fails else dataclasses.replace(real, number=number)

    monkeypatch.setattr(made_ahead, "outcomes", outcomes)
    monkeypatch.setattr(made_ahead.time, "monotonic", lambda: clock[0])
    with SerialExecutor() as executor:
        assert [each.number for each in make(EMPTY, executor).first] == [0, 1]
        assert seen == [1, 0, 3, 2]
        made_ahead._known.clear()
        seen.clear()
        fails, seconds = set(), 5.0
        monkeypatch.setattr(made_ahead, "_LONG", 1.0)
        assert [each.number for each in make(EMPTY, executor).first] == [0, 1]
        assert seen == [1, 0]


def test_nothing_is_simulated_ahead_of_a_queue_without_bound(monkeypatch):
    monkeypatch.setattr(made_ahead, "outcomes", None)
    remember(STEADY, Ahead((Competition(endless=True), {})))
    with SerialExecutor() as executor:
        assert make(STEADY, executor).first == ()


def test_nothing_is_made_of_a_clinic_with_figures_of_other_packages(monkeypatch):
    assert import_own(EMPTY) == ()
    monkeypatch.setattr(made_ahead, "import_own", lambda _scenario: ("theirs",))
    with SerialExecutor() as executor:
        assert make(EMPTY, executor) is None
    assert first_of(EMPTY, Competition()) == ()
