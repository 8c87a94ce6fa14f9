"""What the page of a run says, and in which order, whatever the run was like."""

import pytest

from simclinic.measures import KPIS
from simclinic.report.pages.run import Kept, run_page
from simclinic.scenario import baseline

NOTHING = Kept({}, {}, {}, {})


def figure(name, mean=1.0, ci=(0.5, 1.5), n=30):
    return {
        "mean": mean,
        "sd": None if ci is None else 0.1,
        "ci": None if ci is None else list(ci),
        "p10": mean,
        "p90": mean,
        "n": n,
        "unit": KPIS[name].unit,
    }


def document(*, stable=True, warnings=(), n=30, **kpis):
    plain = {name: figure(name, ci=None if n < 2 else (0.5, 1.5), n=n) for name in KPIS}
    plain["balked_share"] = figure("balked_share", 0.01, None if n < 2 else (0.005, 0.02), n)
    return {
        "schema_version": 1,
        "study": "run",
        "scenario": "Typical clinic",
        "seed": 1,
        "replications": n,
        "horizon": {"start": "2026-01-05", "warm_up_weeks": 0, "weeks": 52},
        "stable": stable,
        "warnings": list(warnings),
        "kpis": plain | {name: figure(name, *values) for name, values in kpis.items()},
    }


def page(**made):
    return run_page(document(**made), baseline(), {}, NOTHING)


def test_a_stable_clinic_carries_its_demand_and_few_are_turned_away():
    shown = page()
    assert shown.answer.startswith(
        "This clinic carries its demand: no queue is seen to grow, and few are turned"
    )
    assert "1.00 (0.50–2.00) %" in shown.answer
    assert "A new patient waits 1.00 (0.50–1.50) days" in shown.answer
    assert "means of 30 replications of 52 weeks" in shown.answer
    assert shown.good is True


def test_an_interval_beyond_the_bound_is_no_good_news():
    shown = page(balked_share=(0.03, (0.01, 0.06)))
    assert shown.answer.startswith("It is not sure that this clinic carries its demand")
    assert shown.good is None


def test_a_failure_is_not_why_a_clinic_is_saturated():
    shown = page(
        stable=False,
        warnings=["1 of 30 replications failed and are left out", "saturated: 20 % turned away"],
        balked_share=(0.2, (0.15, 0.25)),
    )
    assert shown.answer.startswith(
        "This clinic does not carry its demand: 20.0 (15.0–25.0) % of those ready to begin are turned away."
    )
    assert "failed" not in shown.answer
    assert "patience" in shown.answer
    assert shown.warnings[0] == "1 of 30 replications failed and are left out"
    assert shown.good is False


def test_a_growing_queue_makes_waits_depend_on_how_long_one_watches():
    shown = page(stable=False, warnings=["the queue for boosters is growing by 3 a week"])
    assert "does not carry its demand: the queue for boosters is growing by 3 a week." in shown.answer
    assert "watched for longer, the waits would be longer" in shown.answer
    assert "turned away" not in shown.answer


def test_one_replication_promises_nothing():
    shown = page(n=1)
    assert "which is no promise" in shown.answer
    assert "without intervals" in shown.answer
    assert "(" not in shown.answer.replace("(one replication", "")
    assert any("--replications 30" in told for told in shown.warnings)
    assert shown.good is None


def test_nobody_ready_leaves_it_open():
    shown = page(balked_share=(None, None, 0), access_days_mean=(None, None, 0))
    assert "is open. Nobody has a first infusion" in shown.answer
    assert shown.good is None


@pytest.mark.parametrize(
    ("n", "told"), [(3, "all of 3 replications failed"), (0, "no replication came to an end")]
)
def test_of_no_replications_nothing_is_said(n, told):
    made = document(stable=None, n=n)
    made["kpis"] = {name: figure(name, None, None, 0) for name in KPIS}
    shown = run_page(made, baseline(), {}, NOTHING)
    assert shown.answer.startswith("Nothing can be said about this clinic")
    assert told in shown.answer
    assert shown.figures == []


def test_what_many_figures_miss_is_said_once():
    shown = page(
        warnings=["wait_minutes_mean cannot be computed: why", "visit_minutes_mean cannot be computed: why"]
    )
    assert list(shown.warnings) == ["2 figures cannot be computed: why"]
