"""Ctrl-C in a search, whenever it comes: the message says what is kept."""

import pytest

from simclinic.scenario import baseline, replace
from simclinic.studies import certify
from simclinic.studies.folders import report as pages
from simclinic.studies.intake import intake
from simclinic.studies.plan import plan
from simclinic.studies.plan_space import space_of
from simclinic.studies.run_options import RunOptions
from tests.command_line import scenario, simclinic

__all__ = ["scenario", "simclinic"]

SHORT = {"begin": "empty", "warm_up_weeks": 1, "weeks": 1}


def press(*_, **__):
    raise KeyboardInterrupt  # as a signal does, also where the shell ignores it


@pytest.fixture
def clinic():
    return replace(baseline(), run=SHORT)


def test_between_two_runs_it_says_where_the_first_is_kept(clinic, tmp_path, monkeypatch):
    # The search looks at the figures of its first plan when the key is pressed.
    monkeypatch.setattr(certify, "judged", press)
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt, match="all that was simulated is kept in") as stop:
        plan(clinic, space_of(clinic, ["clinic.chairs=2:3"]), at_most=20, options=RunOptions(out=out))
    assert str(out) in str(stop.value)
    monkeypatch.undo()
    again = plan(clinic, space_of(clinic, ["clinic.chairs=2:3"]), at_most=20, options=RunOptions(out=out))
    fresh = plan(
        clinic,
        space_of(clinic, ["clinic.chairs=2:3"]),
        at_most=20,
        options=RunOptions(out=tmp_path / "fresh"),
    )
    assert again.document == fresh.document
    monkeypatch.setattr(certify, "judged", press)
    with pytest.raises(KeyboardInterrupt, match="all that was simulated is kept in"):
        intake(clinic, at_most=20, options=RunOptions(out=tmp_path / "levels"))


def test_while_the_report_is_written_it_says_how_to_write_it(simclinic, scenario, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "page_of", press)
    monkeypatch.delenv("SIMCLINIC_NO_REPORT", raising=False)
    out = tmp_path / "out"
    said = simclinic("run", scenario, "--replications", 2, "--set", "run.weeks=1", "--out", out)
    assert said.status == 130
    assert (
        said.err.strip()
        == f"Interrupted: all results are in {out}; `simclinic report {out}` writes the report."
    )
    monkeypatch.undo()
    assert simclinic("report", out).status == 0
