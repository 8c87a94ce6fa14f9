"""Looks at a run that goes on: each is what a run of so few replications would say."""

import pytest

from simclinic.scenario import baseline, replace
from simclinic.studies import run as run_study
from simclinic.studies.run import run, with_run_settings

SMALL = replace(baseline(), run={"begin": "empty", "warm_up_weeks": 2, "weeks": 4, "replications": 8})


def seen(tmp_path, monkeypatch, order, **options):
    """Return the documents of all looks at a run whose replications are finished in this order."""
    kept, waited_for = [], []

    def outcomes(tasks, executor, time_limit, soon):
        waited_for.append(soon)
        found = {
            task.number: (task, outcome) for task, outcome in first(tasks, executor, time_limit=time_limit)
        }
        return [found[number] for number in order]

    first = run_study.outcomes
    monkeypatch.setattr(run_study, "_LOOK_EVERY", 0.0)
    monkeypatch.setattr(run_study, "outcomes", outcomes)
    monkeypatch.setattr(run_study._Looks, "looked", lambda _: None)
    run(SMALL, out=tmp_path / "all", look=kept.append, **options)
    monkeypatch.setattr(run_study, "outcomes", first)
    assert waited_for == [2]  # those of the first look
    return kept


def test_a_look_is_what_a_run_of_so_few_replications_would_say(tmp_path, monkeypatch):
    documents = seen(tmp_path, monkeypatch, range(8))
    assert [each["replications"] for each in documents] == [2, 3, 4, 5, 6, 7]
    few = run(with_run_settings(SMALL, replications=5), out=tmp_path / "few")
    assert documents[3] == few.document


def test_looks_leave_out_what_was_finished_out_of_turn(tmp_path, monkeypatch):
    """Replications that are finished early may be the quiet ones."""
    documents = seen(tmp_path, monkeypatch, (1, 3, 0, 5, 2, 4, 6, 7))
    assert [each["replications"] for each in documents] == [2, 4, 6, 7]


def test_looks_see_whole_pairs(tmp_path, monkeypatch):
    documents = seen(tmp_path, monkeypatch, range(8), antithetic=True)
    assert [each["replications"] for each in documents] == [2, 4, 6]


def test_a_run_that_is_interrupted_is_looked_at_as_far_as_it_came(tmp_path, monkeypatch):
    """Replications 0 to 3 and 5 are finished: 5 is out of turn."""
    kept, first = [], run_study.outcomes

    def outcomes(tasks, executor, time_limit, soon):
        for task, outcome in first(tasks, executor, time_limit=time_limit):
            if task.number == 6:
                raise KeyboardInterrupt
            if task.number != 4:
                yield task, outcome

    monkeypatch.setattr(run_study, "_LOOK_EVERY", 1000.0)
    monkeypatch.setattr(run_study, "outcomes", outcomes)
    with pytest.raises(KeyboardInterrupt):
        run(SMALL, out=tmp_path / "some", look=kept.append)
    monkeypatch.setattr(run_study, "outcomes", first)
    assert [each["replications"] for each in kept] == [2, 4]
    assert kept[-1] == run(with_run_settings(SMALL, replications=4), out=tmp_path / "few").document
