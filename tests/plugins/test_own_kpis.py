"""Key figures of packages and of scripts: in every table, in workers, and refused in words."""

import csv
import importlib
import json
import math
import pickle
import re

import numpy as np
import pytest

import simclinic
from simclinic import plugins
from simclinic.cli.complete import figures
from simclinic.errors import ScenarioError
from simclinic.experiment import Task, outcomes
from simclinic.experiment.executors.base import ExecutorError
from simclinic.experiment.executors.dask import DaskExecutor
from simclinic.experiment.executors.processes import ProcessExecutor
from simclinic.experiment.replication import Prepared, replay
from simclinic.measures import KPIS
from simclinic.measures.kpis import figures_of, import_own, own_figures
from simclinic.measures.own import own_kpi
from simclinic.plugins import PluginError
from simclinic.scenario import baseline, canonical, from_toml, replace, resolved_toml, scenario_hash
from simclinic.scenario.canonical import _plain
from simclinic.store.errors import FolderError
from simclinic.studies.sweep import FigureError, checked_kpis

QUICK = ('run.begin="empty"', "run.warm_up_weeks=3", "run.weeks=2", "demand.referrals_per_week=16")
LATE = 'own.kpis=["late_starts_share"]'
WORDS = {"unit": "share", "label": "A figure", "definition": "A figure for tests."}


def registered(function, name="my_figure", **words):
    return simclinic.kpi(name, **(WORDS | words))(function)


def by_hand(clinic, replications):
    """The example's figure, computed from the records one visit at a time."""
    found, prepared = [], Prepared(clinic.scenario)
    for number in range(replications):
        records = replay(prepared, 1, number)
        late = total = 0
        for begins, left, outcome in zip(
            records.visits["step_start"][:, 0], records.visits["left"], records.visits["outcome"], strict=True
        ):
            if outcome == 0 and begins >= 0 and left < records.end:
                total += 1
                late += begins % 1440 >= 900
        found.append(late / total if total else math.nan)
    return found


# -- in every table ------------------------------------------------------------------------------------------


def test_the_examples_figure_is_what_its_definition_says(extras, tmp_path):
    clinic = simclinic.baseline().change(*QUICK, LATE)
    result = clinic.run(4, workers=1, out=tmp_path / "run")
    expected = by_hand(clinic, 4)
    assert result.runs["late_starts_share"].tolist() == pytest.approx(expected)
    assert 0 < np.mean(expected) < 1
    assert result.kpis.loc["late_starts_share", "mean"] == pytest.approx(np.mean(expected))
    assert result.kpis.loc["late_starts_share", "label"] == "Starts after 15:00"
    # All other figures are those of a clinic without it.
    plain = simclinic.baseline().change(*QUICK).run(4, workers=1)
    assert (result.runs[list(KPIS)].fillna(-1) == plain.runs[list(KPIS)].fillna(-1)).all().all()
    assert "late_starts_share" not in plain.runs
    assert "late_starts_share" not in plain.document["kpis"]


def test_it_stands_in_text_json_csv_and_the_report(extras, simclinic, scenario, tmp_path):
    out = tmp_path / "run"
    options = ["--set", LATE, "--target", "late_starts_share<=90%", "--workers", 1, "--out", out]
    said = simclinic("run", scenario, *options, "--replications", 6)
    assert said.status == 0, said.err
    assert "Starts after 15:00" in said.out
    assert re.search(r"(met|open|missed) +target Starts after 15:00: at most 90 %", said.out)
    document = json.loads(simclinic("run", scenario, *options, "--replications", 6, "--json").out)
    assert document["kpis"]["late_starts_share"]["unit"] == "share"
    assert document["targets"][0]["figure"] == "late_starts_share"
    [row] = [
        row
        for row in csv.DictReader((out / "summary.csv").read_text().splitlines())
        if row["kpi"] == "late_starts_share"
    ]
    assert row["label"] == "Starts after 15:00"
    assert simclinic("report", out).status == 0
    assert "Starts after 15:00" in (out / "report.html").read_text()
    assert "Starts after 15:00" in simclinic("results", out).out
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["own"] == {"simclinic.kpis": {"late_starts_share": "clinic-extras 1.0"}}


def test_it_stands_in_sweeps_and_comparisons(extras, simclinic, scenario, tmp_path):
    study = tmp_path / "study.toml"
    study.write_text(
        f'name = "Chairs"\nscenario = "{scenario.name}"\ndesign = "grid"\nreplications = 3\n'
        '[factors]\n"clinic.chairs" = [2, 3]\n'
    )
    out = tmp_path / "sweep"
    said = simclinic("sweep", study, "--set", LATE, "--workers", 1, "--out", out)
    assert said.status == 0, said.err
    assert "Starts after 15:00" in said.out
    assert simclinic("report", out).status == 0
    assert "Starts after 15:00" in (out / "report.html").read_text()
    swept = json.loads((out / "summary.json").read_text())
    assert list(swept["kpis"])[-1] == "late_starts_share"
    # Resumed with more replications, from the parts that are there.
    more = simclinic("sweep", study, "--set", LATE, "--workers", 1, "--out", out, "--replications", 4)
    assert more.status == 0, more.err
    assert simclinic("results", out, "--on", "late_starts_share").status == 0
    compared = simclinic(
        *("compare", scenario, "--protocols", "twice-weekly,thrice-weekly", "--set", LATE),
        *("--kpis", "late_starts_share", "--workers", 1, "--out", tmp_path / "compare"),
    )
    assert compared.status == 0, compared.err
    assert "Starts after 15:00" in compared.out


def test_it_is_a_target_of_plan(extras, simclinic, scenario, tmp_path):
    loose = (
        f"--target={each}"
        for each in (
            "balked_share<=90%",
            "overtime_day_share<=90%",
            "late_starts_share<=90%",
            "visit_minutes_mean<=500",
        )
    )
    said = simclinic(
        *("plan", scenario, "--set", LATE, "--set", "boosters.uptake=0", "--over", "clinic.chairs=3", *loose),
        *("--no-ends", "--at-most", 30, "--workers", 1, "--out", tmp_path / "plan", "--json"),
    )
    assert said.status == 0, said.err
    [plan] = json.loads(said.out)["plans"]
    own = next(each for each in plan["targets"] if each["figure"] == "late_starts_share")
    assert plan["state"] == "meets"
    assert 0 <= own["lower"] <= own["mean"] <= own["upper"] <= 0.9
    assert simclinic("report", tmp_path / "plan").status == 0


def test_a_figure_that_the_scenario_does_not_use_is_refused_where_it_is_asked_for(
    extras, simclinic, scenario, tmp_path
):
    assert checked_kpis(["late_starts_share"]) == ("late_starts_share",)
    with pytest.raises(FigureError, match=r"must be listed in own\.kpis"):
        checked_kpis(["late_starts_share"], tuple(KPIS))
    for arguments in (
        ["compare", scenario, "--protocols", "twice-weekly,thrice-weekly", "--kpis", "late_starts_share"],
        ["run", scenario, "--replications", "auto", "--on", "late_starts_share"],
        ["run", scenario, "--set", 'targets.own.late_starts_share="<= 5 %"'],
    ):
        said = simclinic(*arguments, "--workers", 1, "--out", tmp_path / "out")
        assert (said.status, "own.kpis" in said.err) == (2, True), said.err


# -- workers -------------------------------------------------------------------------------------------------


def tasks_of(scenario, replications=3):
    return [Task(0, scenario, 1, number, modules=import_own(scenario)) for number in range(replications)]


def in_processes(scenario):
    """The figure of each replication, simulated in another process."""
    with ProcessExecutor(1) as executor:
        assert not executor.serial_if_small
        found = {outcome.number: outcome for _, outcome in outcomes(tasks_of(scenario), executor)}
    return [found[number] for number in sorted(found)]


def test_workers_of_a_pool_find_an_installed_figure(extras):
    clinic = simclinic.baseline().change(*QUICK, LATE)
    expected = by_hand(clinic, 3)
    found = [each.kpis["late_starts_share"] for each in in_processes(clinic.scenario)]
    assert found == pytest.approx(expected)


def test_workers_of_a_cluster_find_an_installed_figure(extras):
    """A worker runs this function, whatever its cluster."""
    pytest.importorskip("distributed")
    from simclinic.experiment.executors.dask import OtherProgramError, program, work

    scenario = simclinic.baseline().change(*QUICK, LATE).scenario
    tasks = tasks_of(scenario)
    wanted, batch = program(tasks), pickle.loads(pickle.dumps(tasks))
    assert "key figure late_starts_share of clinic-extras 1.0" in wanted
    assert all("late_starts_share" in each.kpis for each in work(batch, None, wanted).outcomes)
    extras("1.1")
    with pytest.raises(OtherProgramError, match=r"clinic-extras 1\.1, and here is .* clinic-extras 1\.0"):
        work(batch, None, wanted)


def test_workers_import_the_module_that_registers_a_figure(install, tmp_path):
    install("nothing", "1.0", {"mine_of_a_script": FIGURE}, {})
    importlib.import_module("mine_of_a_script")
    scenario = simclinic.baseline().change(*QUICK, 'own.kpis=["mine"]').scenario
    assert import_own(scenario) == ("mine_of_a_script",)
    found = in_processes(scenario)
    assert [each.kpis["mine"] for each in found] == [
        len(replay(Prepared(scenario), 1, number).visits["left"]) for number in range(3)
    ]


@pytest.mark.parametrize("kind", [ProcessExecutor, lambda _: DaskExecutor("tcp://127.0.0.1:1")])
def test_workers_do_not_import_the_main_program(kind):
    def function(records, scenario):
        return 0.0

    function.__module__ = "__main__"
    registered(function)
    scenario = simclinic.baseline().change(*QUICK, 'own.kpis=["my_figure"]').scenario
    executor = kind(1)
    with pytest.raises(ExecutorError, match="put it into a module"):
        executor.submit(0, tasks_of(scenario), None)
    assert scenario.own.kpis == ("my_figure",)
    clinic = simclinic.baseline().change(*QUICK, 'own.kpis=["my_figure"]')
    assert clinic.run(2, workers=1).kpis.loc["my_figure", "mean"] == 0


FIGURE = """
import simclinic
@simclinic.kpi("mine", unit="visits", label="Mine", definition="Rows of the table of visits.")
def mine(records, scenario):
    return len(records.visits["outcome"])
"""


# -- what a function may return ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, "returned NoneType, not a number"),
        (True, "returned bool, not a number"),
        ("0.5", "returned str, not a number"),
        (np.array([0.5]), "returned ndarray, not a number"),
        (math.inf, "returned inf"),
        (1.5, "a share lies between 0 and 1"),
        (-0.5, "a share lies between 0 and 1"),
        (ZeroDivisionError("by zero"), "failed: ZeroDivisionError: by zero"),
    ],
)
def test_what_is_no_figure_is_said_with_the_name_of_the_figure(found, message):
    def function(records, scenario):
        if isinstance(found, Exception):
            raise found
        return found

    own = registered(function)
    with pytest.raises(PluginError) as refused:
        own(None, None)
    assert message in str(refused.value)
    assert "'my_figure' of module" in str(refused.value)


@pytest.mark.parametrize("found", [0, 1, 0.25, np.float32(0.5), np.int64(1), math.nan])
def test_any_number_is_a_figure(found):
    value = registered(lambda records, scenario: found)(None, None)
    assert value == found or (math.isnan(found) and math.isnan(value))


def test_a_figure_below_0_must_be_registered_as_one():
    with pytest.raises(PluginError, match="signed=True"):
        registered(lambda records, scenario: -1, unit="days")(None, None)
    assert registered(lambda records, scenario: -1, unit="days", signed=True)(None, None) == -1


def test_a_function_that_fails_fails_the_replications_and_says_why(tmp_path):
    registered(lambda records, scenario: 0.5)
    clinic = simclinic.baseline().change(*QUICK, 'own.kpis=["my_figure"]')
    visits = len(replay(Prepared(clinic.scenario), 1, 1).visits["left"])
    registered(lambda records, scenario: 1 / (len(records.visits["left"]) - visits) * 0)
    result = clinic.run(3, workers=1, out=tmp_path / "run")
    assert result.document["kpis"]["my_figure"]["n"] == 2
    failures = (tmp_path / "run" / "failures.jsonl").read_text()
    assert "the key figure 'my_figure' of module" in failures
    assert "ZeroDivisionError" in failures


# -- names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"name": "slot_fill"}, "simclinic has a figure, or a limit, of that name"),
        ({"name": "booster_wait_days"}, "simclinic has a figure, or a limit, of that name"),
        ({"name": "My figure"}, "small letters, digits and _"),
        ({"unit": ""}, "unit must be a line"),
        ({"label": "two\nlines"}, "label must be a line"),
        ({"group": "mine"}, "group must be one of getting in, the visit"),
        ({"better": "best"}, "better must be"),
        ({"method": "rare"}, "method must be"),
    ],
)
def test_names_and_words_are_checked(words, message):
    with pytest.raises(PluginError, match=re.escape(message)):
        registered(lambda records, scenario: 0.0, **words)


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(PluginError) as refused:
        registered(lambda records, scenario: 0.0, name="slot_fill", unit="", better="best")
    assert len(refused.value.lines) == 3


def test_a_name_is_registered_by_one_module_only(extras):
    def function(records, scenario):
        return 0.0

    registered(function)
    registered(function)  # a cell of a notebook that is run again
    function.__module__ = "another"
    with pytest.raises(PluginError, match="registered twice"):
        registered(function)
    with pytest.raises(PluginError, match="offered by the installed package clinic-extras"):
        registered(function, name="late_starts_share")


def test_a_scenario_names_figures_that_there_are(extras):
    assert figures_of(replace(baseline(), own={"kpis": ["late_starts_share"]}))[-1] == "late_starts_share"
    for written, message in (
        ('["late_start_share"]', "Did you mean 'late_starts_share'?"),
        ('["slot_fill"]', "there is no key figure 'slot_fill'"),
        ('["late_starts_share", "late_starts_share"]', "must name each key figure once"),
    ):
        with pytest.raises(ScenarioError) as refused:
            from_toml(f'name = "a"\n[own]\nkpis = {written}\n')
        assert message in str(refused.value)
        assert "own.kpis" in str(refused.value)


def test_the_catalogue_lists_simclinics_figures_and_finds_others(extras):
    assert "late_starts_share" in KPIS
    assert "late_starts_share" not in list(KPIS)
    assert KPIS["late_starts_share"].label == "Starts after 15:00"
    assert own_figures(["slot_fill", "late_starts_share"]) == ("late_starts_share",)
    assert "nobody" not in KPIS
    with pytest.raises(KeyError):
        KPIS["nobody"]


def test_a_scenario_without_own_figures_is_the_one_it_was(extras, monkeypatch):
    hashed = []
    monkeypatch.setattr(canonical, "_plain", lambda tables: hashed.append(tables) or _plain(tables))
    assert scenario_hash(baseline()) == scenario_hash(from_toml(resolved_toml(baseline())))
    whole = [tables for tables in hashed if isinstance(tables, dict) and "clinic" in tables]
    assert len(whole) == 2
    assert all("own" not in tables for tables in whole)
    uses = replace(baseline(), own={"kpis": ["late_starts_share"]})
    assert scenario_hash(uses) != scenario_hash(baseline())
    assert from_toml(resolved_toml(uses)).own.kpis == ("late_starts_share",)


# -- packages ------------------------------------------------------------------------------------------------


def test_no_package_is_imported_before_it_is_used(install, simclinic, scenario, tmp_path):
    install(
        "broken",
        "2.0",
        {"broken": "raise RuntimeError('broken')"},
        {"simclinic.kpis": {"mine": "broken:mine"}},
    )
    for arguments in (["--help"], ["check", scenario], ["check", scenario, "--set", 'own.kpis=["mine"]']):
        assert simclinic(*arguments).status == 0
    said = simclinic("run", scenario, "--set", 'own.kpis=["mine"]', "--out", tmp_path / "run")
    assert said.status == 2
    assert "the key figure 'mine' of broken 2.0 cannot be imported: RuntimeError: broken" in said.err
    assert "Traceback" not in said.err


def test_a_package_that_offers_no_figure_under_a_name_is_refused(install):
    install("odd", "1.0", {"odd": "mine = 3"}, {"simclinic.kpis": {"mine": "odd:mine"}})
    with pytest.raises(PluginError, match=r"'mine' of odd 1\.0 is none: decorate a function"):
        own_kpi("mine")
    with pytest.raises(PluginError, match="decorate a function"):
        import_own(replace(baseline(), own={"kpis": ["mine"]}))
    install("odd", "1.0", {"odd": FIGURE}, {"simclinic.kpis": {"other": "odd:mine"}})
    with pytest.raises(PluginError, match="is none but 'mine'"):
        own_kpi("other")


def test_two_packages_with_one_name_are_refused(install):
    for name in ("one", "other"):
        install(name, "1.0", {f"{name}_module": FIGURE}, {"simclinic.kpis": {"mine": f"{name}_module:mine"}})
    with pytest.raises(PluginError, match=r"offered by several packages \(one and other\)"):
        own_kpi("mine")


def test_names_of_installed_figures_are_completed(extras):
    assert "late_starts_share" in figures(None, None, "late_st")
    assert figures(None, None, "late_starts")[0] == "late_starts_share"


def test_a_folder_is_continued_with_the_same_package_only(extras, simclinic, scenario, tmp_path):
    out = tmp_path / "run"
    options = ("run", scenario, "--set", LATE, "--workers", 1, "--out", out)
    assert simclinic(*options).status == 0
    assert simclinic(*options, "--replications", 5).status == 0
    extras("1.1")
    said = simclinic(*options, "--replications", 6)
    assert said.status == 2
    assert "'late_starts_share' of clinic-extras 1.0, and this is that of clinic-extras 1.1" in said.err
    # A report only needs the words.
    assert simclinic("report", out).status == 0


def test_a_report_says_which_package_is_absent(extras, uninstall, simclinic, scenario, tmp_path):
    out = tmp_path / "run"
    assert simclinic("run", scenario, "--set", LATE, "--workers", 1, "--out", out).status == 0
    uninstall()
    for arguments in (("report", out), ("results", out)):
        said = simclinic(*arguments)
        assert said.status == 2
        assert "uses the key figure 'late_starts_share' of clinic-extras 1.0, which is neither" in said.err
    said = simclinic("results", tmp_path)  # among others it is listed, with the reason
    assert said.status in (0, 1)
    assert "Traceback" not in said.err
    said = simclinic("run", scenario, "--set", LATE, "--out", out)
    assert (said.status, "there is no key figure 'late_starts_share'" in said.err) == (2, True)


def test_another_function_of_a_script_does_not_continue_a_folder(tmp_path):
    clinic_of = lambda: simclinic.baseline().change(*QUICK, 'own.kpis=["my_figure"]')  # noqa: E731
    registered(lambda records, scenario: 0.25)
    clinic_of().run(2, workers=1, out=tmp_path / "run")
    clinic_of().run(3, workers=1, out=tmp_path / "run")
    registered(lambda records, scenario: 0.75)
    with pytest.raises(FolderError, match="the two must not be mixed"):
        clinic_of().run(4, workers=1, out=tmp_path / "run")
    assert plugins.supplier(plugins.KPIS, "my_figure").startswith(f"module {__name__} (source ")
