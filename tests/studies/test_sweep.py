"""Sweeps: the same patients everywhere, kept in a folder, gone on with."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from simclinic.experiment import Failure, ProcessExecutor, Replication
from simclinic.measures import KPIS
from simclinic.scenario import baseline, load, with_overrides
from simclinic.store.part_files import part_name
from simclinic.studies import sweep as study
from simclinic.studies.study_file import study_of
from simclinic.studies.sweep import effect_rows, sweep
from tests.model.small import clinic
from tests.studies.test_bookable import FIRST_ON_TUESDAYS

SMALL = with_overrides(
    baseline(), ['run.begin="empty"', "run.warm_up_weeks=1", "run.weeks=2", "run.replications=2"]
)


def points(design="grid", replications=2, **factors):
    factors = factors or {"clinic.chairs": [1, 3], "shifts.day.nurses": [1, 2]}
    tables = {"name": "Small", "design": design, "replications": replications, "factors": factors}
    return study_of(tables if design == "grid" else tables | {"samples": 4}, scenario=SMALL)


def hashes(folder):
    return json.loads((folder / "manifest.json").read_text())["parts"]


def test_the_table_of_runs_is_tidy(tmp_path):
    result = sweep(points(), out=tmp_path / "out")
    runs = pd.read_parquet(tmp_path / "out" / "runs")
    assert list(runs.columns) == ["point", "clinic.chairs", "shifts.day.nurses", "replication", *KPIS]
    assert list(zip(runs["point"], runs["replication"], strict=True)) == [
        (p, r) for p in range(4) for r in range(2)
    ]
    table = pd.read_parquet(tmp_path / "out" / "points.parquet").set_index("point")
    assert table["infusions_per_week"].to_numpy() == pytest.approx(
        runs.groupby("point")["infusions_per_week"].mean().to_numpy()
    )
    assert table["clinic.chairs"].tolist() == [1, 1, 3, 3]
    assert (table["replications"] == 2).all()
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert len(summary) == len(effect_rows(result.document)) == 2 * len(KPIS)
    assert json.loads((tmp_path / "out" / "summary.json").read_text()) == result.document
    assert not list((tmp_path / "out").glob(".writer"))


def test_it_says_how_many_runs_are_ahead(tmp_path, monkeypatch):
    """By that the last batches are small, and the second engine is compiled where that pays."""
    said, outcomes = [], study.outcomes
    monkeypatch.setattr(
        study,
        "outcomes",
        lambda tasks, *more, **named: said.append(len(tasks)) or outcomes(tasks, *more, **named),
    )
    for replications in (1, 3):
        sweep(points(replications=replications, **{"clinic.chairs": [1, 3]}), out=tmp_path / "out")
    assert said == [2, 4]


def test_points_without_a_figure_leave_it_out(tmp_path):
    typed = with_overrides(
        load("scenarios/iv-and-esketamine.toml"),
        ['booking.types="typed"', 'run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=2"],
    )
    tables = {
        "name": "Types",
        "design": "grid",
        "replications": 1,
        "factors": {"booking.types": ["typed", "open"]},
    }
    sweep(study_of(tables, scenario=typed), out=tmp_path / "out")
    runs = pd.read_parquet(tmp_path / "out" / "runs")
    assert len(runs) == 2
    assert runs["infusions_per_week:esketamine"].notna().all()
    assert np.isnan(runs["separate_starts_patients_per_week"][1])


def test_the_same_patients_at_every_point(tmp_path):
    sweep(points(**{"finance.price_per_infusion": [500, 700]}), out=tmp_path / "out")
    runs = pd.read_parquet(tmp_path / "out" / "runs")
    first, second = (runs[runs["point"] == point].reset_index(drop=True) for point in (0, 1))
    assert (first["access_days_mean"] == second["access_days_mean"]).all()
    assert (first["revenue_per_week"] < second["revenue_per_week"]).all()


def test_more_replications_extend_a_sweep_and_the_parts_come_out_the_same(tmp_path):
    sweep(points(replications=1), out=tmp_path / "a")
    sweep(points(replications=3), out=tmp_path / "a")
    sweep(points(replications=3), out=tmp_path / "b")
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    for name in ("summary.json", "summary.csv", "points.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    fewer = sweep(points(replications=1), out=tmp_path / "b")
    assert (fewer.stored, fewer.document["replications"]) == (12, 1)


def test_who_makes_them_does_not_matter(tmp_path):
    sweep(points(), out=tmp_path / "here")
    with ProcessExecutor(2) as executor:
        sweep(points(), out=tmp_path / "pool", executor=executor)
    assert hashes(tmp_path / "here") == hashes(tmp_path / "pool")


def test_failures_are_data(tmp_path, monkeypatch):
    real = study.outcomes

    def poisoned(tasks, executor, *, time_limit=None):
        for task, outcome in real(tasks, executor, time_limit=time_limit):
            if (task.point, task.number) == (2, 1):
                outcome = Failure.of(ValueError("broke"), number=1, seed=task.seed)
            yield task, outcome

    monkeypatch.setattr(study, "outcomes", poisoned)
    result = sweep(points(), out=tmp_path / "out")
    assert [(point, failure.number) for point, failure in result.failures] == [(2, 1)]
    (row,) = map(json.loads, (tmp_path / "out" / "failures.jsonl").read_text().splitlines())
    assert (row["point"], row["replication"], row["error"]) == (2, 1, "ValueError: broke")
    assert result.document["warnings"][0].startswith("1 of 8 runs failed")
    monkeypatch.setattr(study, "outcomes", real)
    again = sweep(points(), out=tmp_path / "out")
    assert not again.failures
    sweep(points(), out=tmp_path / "fresh")
    assert hashes(tmp_path / "out") == hashes(tmp_path / "fresh")


@pytest.mark.parametrize("design", ["lhs", "sobol", "morris"])
def test_sampled_designs_rank_what_matters(tmp_path, design):
    wanted = points(
        design,
        replications=1,
        **{
            "demand.referrals_per_week": {"low": 4.0, "high": 16.0},
            "finance.drug_per_infusion": {"low": 1, "high": 9},
        },
    )
    result = sweep(wanted, out=tmp_path / "out")
    effects = result.document["kpis"]["revenue_per_week"]["effects"]
    assert effects[0]["factor"] == "demand.referrals_per_week"
    assert effects[0]["measures"][result.document["ranked_by"]] > 0
    assert np.isfinite([value for value in effects[0]["measures"].values() if value is not None]).all()


@pytest.mark.parametrize("design", ["lhs", "morris"])
def test_a_chair_more_costs_what_a_chair_costs(tmp_path, design):
    study = {"name": "Chairs", "design": design, "samples": 8}
    study["factors"] = {"clinic.chairs": [2, 3], "finance.fixed_per_week": {"low": 0, "high": 50}}
    only = ["nurse_hour=0", "supplies_per_infusion=0", "drug_per_infusion=0", "chair_day=100"]
    base = with_overrides(SMALL, ["run.replications=1", *(f"finance.{each}" for each in only)])
    result = sweep(study_of(study, scenario=base), out=tmp_path / "out")
    effects = {one["factor"]: one["measures"] for one in result.document["kpis"]["cost_per_week"]["effects"]}
    size = "effect" if design == "lhs" else "mu"
    assert effects["clinic.chairs"][size] == pytest.approx(500)  # five days a week
    assert effects["finance.fixed_per_week"][size] == pytest.approx(50)
    assert effects["clinic.chairs"]["n"] == 8


@pytest.mark.parametrize(("design", "few"), [("sobol", 16), ("morris", 9)])
def test_intervals_of_few_samples_are_not_trusted(tmp_path, monkeypatch, design, few):
    monkeypatch.setattr(study, "outcomes", invented([]))
    for samples in (few, 32):
        tables = {"name": "Few", "design": design, "samples": samples, "replications": 1}
        tables["factors"] = {"finance.fixed_per_week": {"low": 0, "high": 50}}
        warned = sweep(study_of(tables, scenario=SMALL), out=tmp_path / str(samples)).document["warnings"]
        assert any("intervals are too narrow" in each for each in warned) == (samples == few)


@pytest.mark.parametrize(
    ("address", "levels", "warned"),
    [
        ("run.weeks", [1, 2], "measured over the same weeks"),
        ("run.start", [dt.date(2026, 1, 5), dt.date(2026, 2, 2)], "measured over the same weeks"),
        ("run.warm_up_weeks", [1, 2], "the same warm-up"),
        ("finance.currency", ["USD", "EUR"], "the same currency"),
        ("clinic.chairs", [1, 2], None),
    ],
)
def test_points_that_are_not_alike_are_told(tmp_path, monkeypatch, address, levels, warned):
    monkeypatch.setattr(study, "outcomes", invented([]))
    warnings = sweep(points(**{address: levels}), out=tmp_path / "out").document["warnings"]
    alike = [each for each in warnings if each.startswith("not all points")]
    assert len(alike) == (warned is not None)
    assert all(warned in each for each in alike)


def test_figures_that_some_points_lack_are_named(tmp_path):
    result = sweep(points(**{"demand.referrals_per_week": [0, 10]}), out=tmp_path / "out")
    (warned,) = [each for each in result.document["warnings"] if each.startswith("cannot be computed")]
    assert "access_days_mean" in warned
    (effect,) = result.document["kpis"]["access_days_mean"]["effects"]
    assert set(effect["measures"].values()) == {None, 0}


def test_too_few_samples_for_so_many_factors_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "outcomes", invented([]))
    for samples in (2, 3):
        tables = {"name": "Few", "design": "lhs", "samples": samples, "replications": 1}
        tables["factors"] = {"clinic.chairs": {"low": 1, "high": 9}}
        result = sweep(study_of(tables, scenario=SMALL), out=tmp_path / str(samples)).document
        warned = any("too small a number" in each for each in result["warnings"])
        [effect] = result["kpis"]["slot_fill"]["effects"]
        assert warned == (effect["measures"]["effect"] is None) == (samples == 2)


def test_the_resolved_scenario_has_the_seed_that_held(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "outcomes", invented([]))
    tables = {"name": "Seed", "design": "grid", "factors": {"clinic.chairs": [1, 2]}}
    sweep(study_of(tables, scenario=SMALL, seed=9), out=tmp_path / "out")
    assert load(tmp_path / "out" / "scenario.resolved.toml").run.seed == 9


def test_of_points_that_failed_nothing_is_said(tmp_path, monkeypatch):
    def outcomes(tasks, executor, *, time_limit=None):
        for task in tasks:
            yield task, Failure.of(ValueError("broke"), number=task.number, seed=task.seed)

    monkeypatch.setattr(study, "outcomes", outcomes)
    result = sweep(points(), out=tmp_path / "out")
    assert result.document["warnings"] == [
        "8 of 8 runs failed and are left out, and so are effects that need them"
    ]


def invented(made):
    """Give runs without simulating: figures that follow from the point and the number."""

    def outcomes(tasks, executor, *, time_limit=None):
        for task in tasks:
            made.append((task.point, task.number))
            kpis = {name: task.point + at / 7 + task.number / 3 for at, name in enumerate(KPIS)}
            yield task, Replication(task.number, task.seed, kpis, {}, {}, np.zeros(0, dtype=np.int64), {}, {})

    return outcomes


def said_on_paper(tmp_path, **factors):
    """What a sweep says on paper of a clinic with one chair, and first infusions on Tuesdays till ten."""
    scenario = clinic(FIRST_ON_TUESDAYS.format(referrals=2))
    tables = {"name": "Paper", "design": "grid", "replications": 1, "factors": factors}
    found = sweep(study_of(tables, scenario=scenario), out=tmp_path / "out").document["warnings"]
    return [each for each in found if "patients ask for" in each]


def test_what_paper_says_is_said_of_the_points_of_which_it_holds(tmp_path, monkeypatch):
    """The scenario itself fits; 2.5 and 3 first infusions a week do not, unless the prescriber stays till noon."""
    monkeypatch.setattr(study, "outcomes", invented([]))
    hours = ["08:00-10:00", "08:00-12:00"]
    said = said_on_paper(tmp_path, **{"demand.referrals_per_week": [2, 2.5, 3], "shifts.doctor.hours": hours})
    [few] = [each for each in said if "nothing else" in each]
    assert few.startswith(
        "on paper, at 2 of 6 points (such as demand.referrals_per_week 2.5, shifts.doctor.hours 08:00-10:00): "
        "patients ask for 2.50 starts a week for infusion number 1, and at most 2 fit"
    )


def test_what_paper_says_of_all_points_alike_is_said_without_them(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "outcomes", invented([]))
    factors = {"finance.price_per_infusion": [500, 600], "demand.referrals_per_week": [3]}
    [said] = [each for each in said_on_paper(tmp_path, **factors) if "nothing else" in each]
    assert said.startswith("patients ask for 3.00 starts a week for infusion number 1, and at most 2 fit")


def test_of_many_points_paper_looks_at_the_scenario_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "outcomes", invented([]))
    monkeypatch.setattr(study, "MOST_POINTS", 1)
    few = {"shifts.doctor.hours": ["08:00-09:00", "08:00-10:00"]}
    assert said_on_paper(tmp_path, **few) == []


@pytest.mark.parametrize("harm", ["a flipped bit", "cut short", "gone"])
def test_a_damaged_part_is_named_and_only_its_runs_are_made_again(tmp_path, harm, monkeypatch):
    made = []
    monkeypatch.setattr(study, "outcomes", invented(made))
    many = points(**{"finance.price_per_infusion": list(range(500, 560))})
    sweep(many, out=tmp_path / "out")
    before = hashes(tmp_path / "out")
    part = tmp_path / "out" / part_name("runs", 1)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 4
    if harm == "gone":
        part.unlink()
    else:
        part.write_bytes(content if harm == "a flipped bit" else content[:-50])
    made.clear()
    result = sweep(many, out=tmp_path / "out")
    assert result.repaired == ("runs/part-00001.parquet",)
    assert made == [(point, number) for point in range(50, 60) for number in range(2)]
    assert hashes(tmp_path / "out") == before


def test_the_order_in_which_runs_come_does_not_matter(tmp_path, monkeypatch):
    many = points(**{"finance.price_per_infusion": list(range(500, 560))}, replications=25)
    monkeypatch.setattr(study, "outcomes", invented([]))
    sweep(many, out=tmp_path / "a")

    def shuffled(tasks, executor, *, time_limit=None):
        results = list(invented([])(tasks, executor))
        np.random.default_rng(3).shuffle(results)
        yield from results

    monkeypatch.setattr(study, "outcomes", shuffled)
    sweep(many, out=tmp_path / "b")
    assert len(hashes(tmp_path / "a")) == 4
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
