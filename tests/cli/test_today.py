"""`run`, `compare`, `sweep` and `events` that begin with today's patients."""

import json
from pathlib import Path

import pytest

from simclinic.experiment.controls import CONTROLS
from simclinic.scenario import load
from simclinic.store.reader import table
from simclinic.store.tables import TABLES, read
from simclinic.studies import run as study
from simclinic.studies.run import Interrupted
from simclinic.studies.today import PanelChoice

PANEL = """\
patient,stage,referred_on,protocol,infusions_done,last_infusion_on,boosters_done,next_appointment,note
SECRET-17,waiting,2025-12-20,twice-weekly,0,,0,,
SECRET-02,series,2025-11-29,twice-weekly,3,2026-01-02,0,2026-01-06,
SECRET-40,maintained,2025-06-11,twice-weekly,6,2025-12-11,4,,
SECRET-41,maintained,2025-06-11,twice-weekly,6,2025-12-30,0,2026-01-07T09:30,
SECRET-42,maintained,2025-06-11,twice-weekly,6,2025-12-01,9,,
"""

UNCERTAIN = """
[uncertainty.relapse]
settings = ["relapse.days.mu", "relapse.days.sigma"]
scale = ["identity", "log"]
covariance = [[1.0, 0.0], [0.0, 0.04]]

[uncertainty.referrals]
settings = ["demand.referrals_per_week"]
scale = ["log"]
covariance = [[0.25]]
"""


@pytest.fixture
def panel(tmp_path):
    file = tmp_path / "panel.csv"
    file.write_text(PANEL)
    return file


@pytest.fixture
def run(simclinic, scenario, panel, tmp_path):
    """Run the small clinic with the panel, unless told otherwise."""

    def call(*more, out="out", command="run", panel=panel):
        given = () if panel is None else ("--panel", panel)
        return simclinic(command, scenario, *given, "--workers", 1, "--out", tmp_path / out, *more)

    return call


def files(folder):
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in ("manifest.json", ".lock")
    }


def document(folder):
    return json.loads((folder / "summary.json").read_text())


def same_tables(one, other):
    for name in TABLES:
        first, second = table(one, name), table(other, name)
        assert first.keys() == second.keys()
        for column, values in first.items():
            assert values.tobytes() == second[column].tobytes(), (name, column)


@pytest.mark.parametrize("uncertain", [False, True])
def test_a_run_is_the_first_law_of_the_forecast(run, scenario, tmp_path, uncertain):
    scenario.write_text(scenario.read_text() + UNCERTAIN)
    assert run(*(["--uncertain"] if uncertain else [])).status == 0
    fixed = [] if uncertain else ["--fixed-parameters"]
    result = run("--own-law", "--weeks", 4, "--replications", 3, *fixed, command="forecast", out="forecast")
    assert result.status == 0, result.err
    [law] = (path for path in (tmp_path / "forecast").iterdir() if path.is_dir())
    same_tables(tmp_path / "out", law)
    here, there = document(tmp_path / "out"), document(law)
    assert here["kpis"] == there["kpis"]
    assert here["horizon"] == there["horizon"] == {"start": "2026-01-05", "warm_up_weeks": 0, "weeks": 4}


def test_uncertain_settings_stay_as_they_stand_unless_told(run, scenario, tmp_path):
    assert run().status == 0
    scenario.write_text(scenario.read_text() + UNCERTAIN)
    assert run(out="fixed").status == 0
    same_tables(tmp_path / "out", tmp_path / "fixed")
    result = run("--uncertain", out="drawn")
    assert result.status == 0
    assert "3 estimated settings drawn anew in each replication" in " ".join(result.out.split())
    fixed, drawn = (table(tmp_path / out, "runs") for out in ("fixed", "drawn"))
    assert (fixed["margin_per_week"] != drawn["margin_per_week"]).all()
    assert document(tmp_path / "fixed")["panel"]["uncertain"] == []
    assert document(tmp_path / "drawn")["panel"]["uncertain"] == [
        "demand.referrals_per_week",
        "relapse.days.mu",
        "relapse.days.sigma",
    ]


def test_the_table_says_with_whom_it_begins_and_whom_it_counts(run):
    result = run()
    running = " ".join(result.out.split())
    assert (
        "4 weeks from 2026-01-05, beginning with 5 patients (waiting 1, in series 1, maintained 3), 3 replications"
        in running
    )
    assert "are of new patients only" in running
    assert "the share of completed series is too low" in running
    assert "warm-up" not in running
    assert result.err == "panel.csv: columns not read: note.\n"
    assert "comes out low" not in run("--set", "run.weeks=26", "--replications", 1, out="long").out


def test_what_the_folder_says_of_the_panel(run, simclinic, panel, tmp_path):
    result = run("--json")
    actual = json.loads(result.out)["panel"]
    assert {key: actual[key] for key in ("patients", "waiting", "series", "maintained", "as_of")} == {
        "patients": 5,
        "waiting": 1,
        "series": 1,
        "maintained": 3,
        "as_of": "2026-01-05",
    }
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["panel"] == {
        "hash": actual["hash"],
        "patients": 5,
        "as_of": "2026-01-05",
        "uncertain": False,
    }
    assert (manifest["arguments"]["panel"], manifest["arguments"]["as_of"]) == ("panel.csv", "2026-01-05")
    result = " ".join(simclinic("results", tmp_path / "out").out.split())
    assert "beginning with 5 patients" in result
    assert f"begun with 5 patients as of 2026-01-05 (panel {actual['hash'][:8]})" in result
    run(panel=None, out="empty")
    listed = json.loads(simclinic("results", tmp_path, "--json").out)["folders"]
    assert {each["folder"]: each["panel"] for each in listed} == {"empty": None, "out": manifest["panel"]}
    assert simclinic("results", tmp_path).out.count("begun with 5 patients") == 1
    # Another order of the rows is the same panel.
    first, *rows = panel.read_text().splitlines()
    panel.write_text("\n".join([first, *reversed(rows)]))
    assert json.loads(run("--json", out="other").out)["panel"]["hash"] == actual["hash"]


def test_no_identifier_leaves_the_file(run, simclinic, panel, tmp_path, monkeypatch):
    monkeypatch.delenv("SIMCLINIC_NO_REPORT")
    result = run()
    events = simclinic("events", tmp_path / "small.toml", "--panel", panel)
    stress = simclinic("report", tmp_path / "out", "--stress")
    assert "begins with today's patients as the panel has them" in stress.out
    for text in (result.out, result.err, events.out, stress.out):
        assert "SECRET" not in text
    kept = files(tmp_path / "out") | {"": (tmp_path / "out" / "manifest.json").read_bytes()}
    assert "report.html" in kept
    for content in kept.values():
        assert b"SECRET" not in content
        assert str(tmp_path).encode() not in content


def test_growth_counts_from_the_scenarios_own_start(run, scenario, tmp_path):
    scenario.write_text(scenario.read_text().replace("[run]", "[run]\nstart = 2025-01-06"))
    assert run("--set", "demand.growth_per_year=0.5").status == 0
    resolved = (tmp_path / "out" / "scenario.resolved.toml").read_text()
    assert "growth_from = 2025-01-06" in resolved
    assert "start = 2026-01-05" in resolved


def test_the_same_command_goes_on_and_more_replications_extend_it(run, tmp_path):
    run("--replications", 2)
    run("--replications", 6)
    run("--replications", 6, out="at-once")
    assert files(tmp_path / "out") == files(tmp_path / "at-once")


def test_mirrored_pairs_and_precision_begin_with_the_panel(run, tmp_path):
    assert run("--antithetic", "--replications", 4).status == 0
    actual = document(tmp_path / "out")
    assert (actual["study"], actual["panel"]["patients"]) == ("run-antithetic", 5)
    result = run("--replications", "auto", "--precision", "50%", "--on", "chair_utilisation", out="auto")
    assert result.status == 0, result.err
    assert document(tmp_path / "auto")["panel"]["patients"] == 5


def test_a_folder_keeps_to_the_patients_it_was_begun_with(run, scenario, panel, tmp_path):
    run(panel=None, out="empty")
    result = run(out="empty")
    assert result.status == 2
    assert (
        "was begun without a panel, so it cannot be continued with today's patients (--panel)" in result.err
    )
    run()
    result = run(panel=None)
    assert result.status == 2
    assert "was begun with a panel of 5 patients as of 2026-01-05" in result.err
    result = run("--as-of", "2026-01-04")
    assert result.status == 2
    assert "was begun on another day (--as-of 2026-01-05, not 2026-01-04)" in result.err
    panel.write_text(PANEL.replace("2025-12-11,4", "2025-12-12,4"))
    result = run()
    assert result.status == 2
    assert "was begun with another panel (5 patients, as of 2026-01-05)" in result.err
    scenario.write_text(scenario.read_text() + UNCERTAIN)
    panel.write_text(PANEL)
    result = run("--uncertain")
    assert result.status == 2
    assert "was begun without --uncertain" in result.err


def test_a_manifest_whose_panel_was_edited_is_damaged(run, simclinic, tmp_path):
    run()
    file = tmp_path / "out" / "manifest.json"
    kept = json.loads(file.read_text())
    for panel in ("mine", {"patients": "5"}, kept["panel"] | {"patients": None}):
        file.write_text(json.dumps(kept | {"panel": panel}))
        for result in (simclinic("results", tmp_path / "out"), simclinic("report", tmp_path / "out"), run()):
            assert result.status == 2
            assert "its manifest.json is damaged" in result.err


def test_settings_that_do_nothing_with_a_panel_are_told(run):
    result = run("--set", "run.warm_up_weeks=8", "--set", "run.start=2025-12-01")
    assert result.status == 0
    assert "--set run.warm_up_weeks=8: with --panel there is no warm-up." in result.err
    assert (
        "--set run.start=2025-12-01: with --panel the first day is the as-of day, and run.start" in result.err
    )


def test_an_interrupted_run_goes_on_with_its_patients(run, scenario, panel, tmp_path):
    begun = PanelChoice(panel).start([load(scenario)])

    def stop(done, _):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        study.run(begun.scenarios[0], out=tmp_path / "out", progress=stop, panel=begun.panel)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["done"] == 1
    assert run(panel=None).status == 2
    assert run().status == 0
    run(out="at-once")
    assert files(tmp_path / "out") == files(tmp_path / "at-once")


def test_options_of_a_panel_need_one(run, simclinic, scenario):
    result = run("--as-of", "2026-01-05", "--uncertain", panel=None)
    assert result.status == 2
    assert "--as-of and --uncertain: only with --panel CSV" in result.err
    result = simclinic("events", scenario, "--uncertain")
    assert result.status == 2
    assert "--uncertain: only with --panel CSV" in result.err


def test_a_panel_must_fit_the_day(run):
    result = run("--as-of", "2026-01-01")
    assert result.status == 2
    assert "1 past dates in the panel lie on 2026-01-01, the first simulated day, or later" in result.err
    assert "SECRET" not in result.err


def test_what_must_be_known_of_the_panel_is_said_at_the_verdict(run, panel, tmp_path):
    panel.write_text("patient,stage\n")
    result = run()
    assert "! the panel is empty: the simulated clinic begins today" in " ".join(result.out.split())
    panel.write_text(PANEL + "".join(f"M{k},maintained,,,6,2025-12-30,0,2026-01-05,\n" for k in range(20)))
    run("--as-of", "2026-01-05", out="much")
    [message] = document(tmp_path / "much")["warnings"][:1]
    assert message.startswith("the panel has more appointments than the plan can start: 20 for")


def test_events_are_those_of_the_run(run, simclinic, scenario, panel):
    result = simclinic("events", scenario, "--panel", panel, "--replication", 2)
    assert result.status == 0
    empty = simclinic(
        "events", scenario, "--replication", 2, "--set", 'run.begin="empty"', "--set", "run.warm_up_weeks=0"
    )
    assert result.out != empty.out
    assert "2026-01-06" in result.out


def test_a_report_asks_for_the_panel_again(run, simclinic, panel, tmp_path, monkeypatch):
    monkeypatch.delenv("SIMCLINIC_NO_REPORT")
    run()
    out = tmp_path / "out"
    first = (out / "report.html").read_text()
    assert "beginning with 5 patients" in first
    assert "Waits on the day" in first
    assert "are of new patients only" in first
    assert "hash of the panel" in first
    assert "was the warm-up long enough" not in first
    assert simclinic("report", out).status == 0
    without = (out / "report.html").read_text()
    assert "Waits on the day" not in without
    assert "the folder does not contain the panel" in without
    assert simclinic("report", out, "--panel", panel).status == 0
    assert (out / "report.html").read_text() == first
    panel.write_text(PANEL.replace("2025-12-11,4", "2025-12-12,4"))
    result = simclinic("report", out, "--panel", panel)
    assert result.status == 2
    assert "the run began with another panel (5 patients as of 2026-01-05)" in result.err
    run(panel=None, out="empty")
    result = simclinic("report", tmp_path / "empty", "--panel", panel)
    assert result.status == 2
    assert "the run did not begin with a panel" in result.err


# -- several scenarios ------------------------------------------------------------------------------------------


@pytest.fixture
def plan_b(scenario):
    file = scenario.parent / "plan-b.toml"
    file.write_text('name = "Plan B"\nextends = "small.toml"\n[clinic]\nchairs = 4\n')
    return file


@pytest.fixture
def compare(simclinic, scenario, plan_b, panel, tmp_path):
    def call(*more, out="compared", panel=panel, others=(plan_b,)):
        given = () if panel is None else ("--panel", panel)
        return simclinic(
            *("compare", scenario, *others, *given, "--workers", 1, "--out", tmp_path / out),
            *more,
        )

    return call


def test_plans_are_compared_on_todays_patients(compare, simclinic, scenario, plan_b, panel, tmp_path):
    scenario.write_text(scenario.read_text().replace("[run]", "[run]\nstart = 2025-12-01"))
    result = compare("--as-of", "2026-01-05")
    assert result.status == 0, result.err
    running = " ".join(result.out.split())
    assert (
        "4 weeks from 2026-01-05, beginning with 5 patients (waiting 1, in series 1, maintained 3)" in running
    )
    assert "are of new patients only" in running
    actual = document(tmp_path / "compared")
    assert actual["horizon"] == {"start": "2026-01-05", "warm_up_weeks": 0, "weeks": 4}
    assert (actual["panel"]["patients"], actual["panel"]["as_of"]) == (5, "2026-01-05")
    assert json.loads((tmp_path / "compared" / "manifest.json").read_text())["panel"]["patients"] == 5
    # Each side is what a run of it with the panel is.
    for room, file in (("01-small-clinic", scenario), ("02-plan-b", plan_b)):
        given = ("--panel", panel, "--as-of", "2026-01-05", "--out", tmp_path / f"alone-{room}")
        assert simclinic("run", file, *given).status == 0
        same_tables(tmp_path / "compared" / room, tmp_path / f"alone-{room}")
    assert simclinic("results", tmp_path / "compared").out.count("beginning with 5") == 1


def test_the_same_patients_and_the_same_parameters_in_every_scenario(compare, scenario, plan_b, tmp_path):
    scenario.write_text(scenario.read_text() + UNCERTAIN)
    # It changes nothing but what is paid, so whatever happens must be the same in both, drawn settings included.
    plan_b.write_text('name = "Plan B"\nextends = "small.toml"\n[finance]\nfixed_per_week = 1000\n')
    assert compare("--uncertain").status == 0
    [between] = document(tmp_path / "compared")["differences"]
    differing = {
        name for name, result in between["kpis"].items() if result["mean"] not in (None, 0.0) or result["sd"]
    }
    assert differing == {"cost_per_week", "margin_per_week", "margin_per_chair_hour"}
    assert not document(tmp_path / "compared")["warnings"]
    drawn = table(tmp_path / "compared" / "01-small-clinic", "runs")
    assert compare(out="fixed").status == 0
    fixed = table(tmp_path / "fixed" / "01-small-clinic", "runs")
    assert (drawn["margin_per_week"] != fixed["margin_per_week"]).all()


def test_scenarios_that_draw_otherwise_are_told(compare, plan_b, tmp_path):
    plan_b.write_text(plan_b.read_text() + UNCERTAIN)
    assert compare("--uncertain").status == 0
    assert any(
        "differ in the uncertainty of their settings" in message
        for message in document(tmp_path / "compared")["warnings"]
    )


def test_protocols_are_for_new_patients(compare, tmp_path):
    result = compare("--protocols", "twice-weekly,thrice-weekly", others=())
    assert result.status == 0
    message = (
        "thrice-weekly gives new patients other protocols than twice-weekly; today's patients keep theirs"
    )
    assert message in " ".join(result.out.split())


def test_what_is_said_of_the_panel_is_said_once(compare, panel, tmp_path):
    panel.write_text("patient,stage\n")
    assert compare().status == 0
    message = document(tmp_path / "compared")["warnings"]
    assert [each for each in message if "the panel is empty" in each] == [
        "the panel is empty: the simulated clinic begins today"
    ]


def test_every_scenario_must_know_the_panels_protocols(compare, plan_b, panel):
    panel.write_text(PANEL.replace("2025-11-29,twice-weekly", "2025-11-29,thrice-weekly"))
    plan_b.write_text(plan_b.read_text() + "[protocols]\nthrice-weekly = false\n")
    result = compare()
    assert result.status == 2
    assert "'Plan B' has no protocol 'thrice-weekly', the protocol of 1 of the panel's patients" in result.err


def test_a_comparison_keeps_to_its_patients_too(compare, panel):
    compare(panel=None)
    result = compare()
    assert result.status == 2
    assert "was begun without a panel" in result.err
    compare(out="with")
    result = compare(out="with", panel=None)
    assert result.status == 2
    assert "was begun with a panel of 5 patients as of 2026-01-05" in result.err


STUDY = """
name = "Chairs"
scenario = "small.toml"
replications = 2
design = "grid"
[factors]
"clinic.chairs" = [2, 3]
"""


@pytest.fixture
def sweep(simclinic, scenario, panel, tmp_path):
    def call(*more, out="swept", panel=panel, study=STUDY):
        file = scenario.parent / "study.toml"
        file.write_text(study)
        given = () if panel is None else ("--panel", panel)
        return simclinic("sweep", file, *given, "--workers", 1, "--out", tmp_path / out, *more)

    return call


def test_every_point_begins_with_todays_patients(sweep, run, simclinic, tmp_path):
    result = sweep()
    assert result.status == 0, result.err
    running = " ".join(result.out.split())
    assert "4 weeks from 2026-01-05, beginning with 5 patients" in running
    assert "are of new patients only" in running
    actual = document(tmp_path / "swept")
    assert actual["panel"]["patients"] == 5
    assert actual["horizon"]["warm_up_weeks"] == 0
    swept = table(tmp_path / "swept", "runs")
    for chairs in (2, 3):
        run("--set", f"clinic.chairs={chairs}", "--replications", 2, out=f"chairs-{chairs}")
        alone = table(tmp_path / f"chairs-{chairs}", "runs")
        at = swept["clinic.chairs"] == chairs
        for name in {*alone} - {*CONTROLS}:  # a sweep has none
            assert swept[name][at].tobytes() == alone[name].tobytes(), name
    assert "beginning with 5 patients" in " ".join(simclinic("results", tmp_path / "swept").out.split())


def test_points_that_begin_with_todays_patients_are_not_filling(sweep, tmp_path):
    more = ("--replications", 6, "--set", "demand.referrals_per_week=1")
    sweep(*more, panel=None, out="empty")
    sweep(*more)
    empty, today = (read(tmp_path / out / "points.parquet")["verdict"].tolist() for out in ("empty", "swept"))
    assert empty == ["filling"] * 2
    assert "filling" not in today


def test_all_points_draw_the_same_parameters(sweep, scenario, tmp_path):
    scenario.write_text(scenario.read_text() + UNCERTAIN)
    study = STUDY.replace('"clinic.chairs" = [2, 3]', '"finance.fixed_per_week" = [0, 1000]')
    assert sweep("--uncertain", study=study).status == 0
    runs = table(tmp_path / "swept", "runs")
    one, other = (runs["infusions_per_week"][runs["point"] == point] for point in (0, 1))
    assert one.tolist() == other.tolist()
    assert document(tmp_path / "swept")["panel"]["uncertain"][0] == "demand.referrals_per_week"
    study = STUDY.replace('"clinic.chairs" = [2, 3]', '"demand.referrals_per_week" = [5, 10]')
    assert sweep("--uncertain", study=study, out="both").status == 0
    message = "demand.referrals_per_week: both varied and uncertain, so drawn around the value of each point"
    assert message in document(tmp_path / "both")["warnings"]


def test_the_start_and_the_warm_up_are_no_factors_with_a_panel(sweep):
    study = STUDY + '"run.warm_up_weeks" = [0, 4]\n"run.start" = [2026-01-05, 2026-01-12]\n'
    result = sweep(study=study)
    assert result.status == 2
    assert (
        result.err.count("must not vary with --panel: every point begins with today's patients on one day")
        == 2
    )
    assert sweep(study=study, panel=None).status == 0


def test_every_point_must_know_the_panels_series(sweep):
    result = sweep(study=STUDY + '"protocols.twice-weekly.infusions" = [3, 6]\n')
    assert result.status == 2
    assert (
        "a series 'twice-weekly' of 'Small clinic' has 3 infusions, but 1 of the panel's patients"
        in result.err
    )


def test_a_sweep_keeps_to_its_patients_too(sweep, panel, tmp_path):
    sweep(panel=None)
    result = sweep()
    assert result.status == 2
    assert "was begun without a panel" in result.err
    sweep("--replications", 1, out="with")
    result = sweep(out="with", panel=None)
    assert result.status == 2
    assert "was begun with a panel of 5 patients as of 2026-01-05" in result.err
    sweep(out="with")
    sweep(out="at-once")
    assert files(tmp_path / "with") == files(tmp_path / "at-once")


def test_nothing_uncertain_is_told(run, compare, sweep):
    for call in (run, compare, sweep):
        result = call("--uncertain")
        assert result.status == 0
        assert "--uncertain: the scenario names no uncertain settings" in result.err


# -- a calibrated clinic that begins with nobody ----------------------------------------------------------------

CALIBRATED = """
[calibrated]
as_of = 2026-01-03
patients = 175
boosters_per_week = 8.54
"""
BEGAN_EMPTY = (
    "the simulation began with an empty clinic 3 weeks before the first measured one; at its calibration "
    "the clinic had 175 patients on 2026-01-03 and gave about 8.5 boosters a week in the weeks before. --panel "
    "begins with those patients"
)


def test_a_calibrated_clinic_that_begins_empty_is_told(run, compare, sweep, scenario, tmp_path):
    assert "began with an empty clinic" not in run(panel=None, out="before").out
    scenario.write_text(scenario.read_text() + CALIBRATED)
    result = run(panel=None)
    assert f"! {BEGAN_EMPTY}" in " ".join(result.out.split())
    assert document(tmp_path / "out")["warnings"][0] == BEGAN_EMPTY
    compare(panel=None)
    assert document(tmp_path / "compared")["warnings"].count(BEGAN_EMPTY) == 1
    sweep(panel=None)
    assert document(tmp_path / "swept")["warnings"][0] == BEGAN_EMPTY
    for call, out in ((run, "a"), (compare, "b"), (sweep, "c")):
        assert call(out=out).status == 0
        assert "empty clinic" not in (tmp_path / out / "summary.json").read_text()


def test_only_one_of_two_was_calibrated(compare, plan_b, tmp_path):
    plan_b.write_text(plan_b.read_text() + CALIBRATED)
    compare(panel=None)
    assert f"Plan B: {BEGAN_EMPTY}" in document(tmp_path / "compared")["warnings"]


def test_a_folder_from_before_goes_on_with_what_calibrate_writes_now(run, scenario, tmp_path):
    run("--replications", 2, panel=None)
    scenario.write_text(scenario.read_text() + CALIBRATED)
    assert run("--replications", 3, panel=None).status == 0
    assert document(tmp_path / "out")["replications"] == 3


@pytest.mark.long
def test_the_sample_clinic_gives_the_boosters_it_gave(simclinic, tmp_path):
    """With its patients it goes on as it was; with nobody it gives an eighth of that, after many years more."""
    export = Path(__file__).parents[2] / "scenarios" / "data" / "visits.csv"
    result = simclinic("calibrate", export, "--whole-history", "--out", tmp_path / "sample")
    assert result.status == 0, result.err
    file = tmp_path / "sample" / "scenario.toml"
    known = load(file).calibrated
    means = {}
    for out, given in (
        ("with", ("--panel", tmp_path / "sample" / "panel.csv")),
        ("empty", ("--set", 'run.begin="empty"')),
        ("steady", ()),
    ):
        assert simclinic("run", file, *given, "--replications", 12, "--out", tmp_path / out).status == 0
        means[out] = document(tmp_path / out)["kpis"]["boosters_per_week"]["mean"]
    # 13 weeks of booster counts, whose variance is about 2.4 times their mean (re-entry)
    error = (2.4 * known.boosters_per_week * 13) ** 0.5 / 13
    assert abs(means["with"] - known.boosters_per_week) < 2 * error
    assert means["empty"] < known.boosters_per_week / 4
    assert means["steady"] > known.boosters_per_week
