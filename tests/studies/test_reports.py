"""Reports of comparisons, sweeps, forecasts and calibrations, made from their folders."""

import datetime as dt
import json
import re

import numpy as np
import pytest

from simclinic.measures import KPIS
from simclinic.report.text.numbers import NO_VALUE, with_interval
from simclinic.scenario import baseline, load, with_overrides
from simclinic.scenario.panel import read_panel
from simclinic.store import FolderError
from simclinic.studies import sweep as sweeping
from simclinic.studies.compare import compare, sides
from simclinic.studies.folders.report import page_of, report
from simclinic.studies.folders.stored import with_empty
from simclinic.studies.forecast import forecast, from_today
from simclinic.studies.study_file import study_of
from simclinic.studies.sweep import sweep
from tests.docs.pages import ROOT
from tests.faults import invented

SMALL = with_overrides(
    baseline(), ['run.begin="empty"', "run.warm_up_weeks=1", "run.weeks=3", "run.replications=3"]
)
NAMED = with_overrides(SMALL, ['name="<script>alert(1)</script> & co"', "clinic.chairs=4"])


def data_of(html):
    return [
        json.loads(text) for text in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', html)
    ]


def heights(html):
    return sum(len(text) for text in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', html))


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare") / "out"
    return folder, compare(sides([SMALL, NAMED]), out=folder)


def test_a_comparison_tells_what_differs_and_how_well_it_is_known(compared):
    folder, result = compared
    page = page_of(folder)
    kpis = result.document["differences"][0]["kpis"]
    sure = sum(
        each["p_holm"] is not None and each["p_holm"] < 0.05 and bool(each["mean"]) for each in kpis.values()
    )
    assert f"{sure} of {len(KPIS)} figures really differ" in page.details
    assert "3 pairs of replications" in page.details
    settings = next(block for block in page.tables if block.title == "Settings that differ")
    assert settings.sheet.rows == (("clinic.chairs", "3", "4"),)
    rows = {
        row[0]: row
        for block in page.tables
        if block.title != "Settings that differ"
        for row in block.sheet.rows
    }
    assert len(rows) == len(KPIS)
    assert {row[-1] for row in rows.values()} == {each["verdict"] for each in kpis.values()}
    pairs = next(each for each in page.figures if each.key == "pairs-1")
    assert pairs.sheet.rows[0][-1] == "3"


def test_names_are_no_markup_on_the_page(compared):
    folder, _ = compared
    html = report(folder).read_text(encoding="utf-8")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    drawn = json.dumps([each["layout"] for each in data_of(html)]) + json.dumps(
        [each["data"] for each in data_of(html)]
    )
    assert "<script" not in drawn
    assert heights(html) < 500_000
    assert len(html) < 2_500_000


def test_one_replication_and_one_figure_can_be_compared(tmp_path):
    one = with_overrides(SMALL, ["run.replications=1"])
    compare(sides([one, with_overrides(one, ["clinic.chairs=4"])]), kpis=["slot_fill"], out=tmp_path / "out")
    page = page_of(tmp_path / "out")
    assert "The main differences from Typical clinic: nothing" in page.details
    assert [each.key for each in page.figures] == ["differences-1-1", "chairs-compared"]


FACTORS = {"clinic.chairs": [2, 3, 4], "shifts.day.nurses": [1, 2]}
RANGES = {"clinic.chairs": {"low": 2, "high": 6}, "relapse.days.mu": {"low": 2.4, "high": 3.0}}


@pytest.mark.parametrize("design", ["grid", "lhs", "sobol", "morris"])
def test_every_design_has_a_report(tmp_path, monkeypatch, design):
    monkeypatch.setattr(sweeping, "outcomes", invented.outcomes)
    tables = {"name": "Plans <b>of</b> ours", "design": design, "replications": 2}
    tables |= {"factors": FACTORS} if design == "grid" else {"factors": RANGES, "samples": 8}
    result = sweep(study_of(tables, scenario=SMALL), out=tmp_path / "out")
    page = page_of(tmp_path / "out")
    assert page.title == "Plans <b>of</b> ours"
    assert f"{result.document['points']} points with 2 replications" in page.details
    keys = [each.key for each in page.drawn]
    assert [key for key in keys if key.startswith("matters")] == [
        "matters-access-days-mean",
        "matters-boosters-per-week",
        "matters-margin-per-week",
    ]
    assert ("map" in keys) == (design == "grid")
    assert ("trade-off" in keys) == (design in ("grid", "lhs"))
    assert sum("over the points" in block.title for block in page.tables) == 6
    html = report(tmp_path / "out").read_text(encoding="utf-8")
    assert "<b>of</b>" not in html
    assert heights(html) < 500_000


def test_the_page_of_a_sweep_counts_the_points_that_meet_each_target(tmp_path, monkeypatch):
    monkeypatch.setattr(sweeping, "outcomes", invented.outcomes)
    tables = {"name": "Plans", "design": "grid", "replications": 5, "factors": FACTORS}
    aimed = with_overrides(SMALL, ['targets.access_days_mean="<= 3.5"', 'targets.slot_fill=">= 0 %"'])
    result = sweep(study_of(tables, scenario=aimed), out=tmp_path / "out")
    [block] = [block for block in page_of(tmp_path / "out").tables if block.title == "Targets"]
    counted = [(each["met"], each["missed"], each["open"]) for each in result.document["targets"]]
    assert all(sum(each) == 6 for each in counted)
    assert [tuple(map(int, row[2:])) for row in block.sheet.rows] == counted
    assert [row[1] for row in block.sheet.rows] == ["target"] * 2 + ["guard"] * 4
    assert block.sheet.rows[0][0] == "Days to first infusion, mean: at most 3.5 days"
    plain = sweep(study_of(tables, scenario=SMALL), out=tmp_path / "plain")
    assert "targets" not in plain.document
    assert not [block for block in page_of(tmp_path / "plain").tables if block.title == "Targets"]


def test_a_sweep_of_one_setting_shows_its_curves_before_what_matters(tmp_path, monkeypatch):
    monkeypatch.setattr(sweeping, "outcomes", invented.outcomes)
    tables = {"name": "Chairs", "design": "grid", "replications": 2, "factors": {"clinic.chairs": [2, 3, 4]}}
    sweep(study_of(tables, scenario=SMALL), out=tmp_path / "out")
    page = page_of(tmp_path / "out")
    keys = [each.key.partition("-")[0] for each in page.drawn]
    assert keys[0] == "levels"
    assert keys.index("matters") > max(at for at, key in enumerate(keys) if key == "levels")
    assert page.question.startswith("What does it change for Typical clinic to vary chairs?")
    assert [row[0] for row in page.plans.sheet.rows][:2] == ["How it stands", "Turned away, %"]
    assert page.plans.sheet.headings[1:4] == ("chairs 2", "chairs 3", "chairs 4")


@pytest.mark.long
def test_ten_thousand_runs_make_a_small_report_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(sweeping, "outcomes", invented.outcomes)
    prices = [float(500 + at) for at in range(100)]
    tables = {"name": "Many", "design": "grid", "replications": 25}
    tables |= {"factors": {"clinic.chairs": [1, 2, 3, 4], "finance.price_per_infusion": prices}}
    sweep(study_of(tables, scenario=SMALL), out=tmp_path / "out")
    begun = dt.datetime.now(dt.UTC)
    html = report(tmp_path / "out").read_text(encoding="utf-8")
    assert (dt.datetime.now(dt.UTC) - begun).total_seconds() < 10
    assert len(html) < 5_000_000


def test_a_sweep_whose_figures_cannot_be_computed(tmp_path, monkeypatch):
    def nothing(tasks, executor, *, time_limit=None):
        for task, result in invented.outcomes(tasks, executor):
            result.kpis.update(dict.fromkeys(KPIS, float("nan")))
            yield task, result

    monkeypatch.setattr(sweeping, "outcomes", nothing)
    tables = {"name": "Nothing", "design": "grid", "replications": 1, "factors": {"clinic.chairs": [2, 3]}}
    sweep(study_of(tables, scenario=SMALL), out=tmp_path / "out")
    page = page_of(tmp_path / "out")
    assert page.details.startswith("The effects of the factors cannot be estimated")
    assert page.figures == []
    assert page.chart is None
    assert report(tmp_path / "out").exists()


@pytest.fixture(scope="module")
def forecast_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forecast")
    file = folder / "panel.csv"
    file.write_text(
        "patient,stage,referred_on,protocol,infusions_done,last_infusion_on\n"
        + "".join(
            f"SECRET-1{at},maintained,2026-01-02,twice-weekly,6,2026-02-{at:02}\n" for at in range(10, 28)
        )
        + "SECRET-8,series,2026-02-10,twice-weekly,3,2026-02-27\n"
    )
    panel = read_panel(file, SMALL)
    forecast(from_today(SMALL, panel, weeks=3, replications=4), panel, out=folder / "out")
    return folder / "out"


def test_a_forecast_shows_both_laws_and_how_far_they_disagree(forecast_folder):
    page = page_of(forecast_folder)
    for law in ("relapse as in the trials", "relapse as in the community"):
        assert law in page.details.lower()
    assert "4 simulated futures" in page.details
    assert "the relapse laws" in page.details
    assert [each.key for each in page.drawn] == ["boosters", "full", "relapse"]
    fan = page.chart
    summary = json.loads((forecast_folder / "summary.json").read_text())
    # The first line of a law may hold what was asked for on the closed days before.
    assert [row[0] for row in fan.sheet.rows if row[1] != "before"] == 2 * ["0", "1", "2"]
    middle = [trace for trace in fan.figure.data if trace.name == "boosters asked for"]
    assert [list(trace.y) for trace in middle] == [
        [week["booster_requests"]["p50"] for week in law["weeks"]] for law in summary["laws"]
    ]


def test_no_patient_is_named_in_a_report(forecast_folder):
    assert "SECRET" not in report(forecast_folder).read_text(encoding="utf-8")


def test_a_figure_that_no_replication_has_is_a_figure_again_in_every_part_of_a_stored_document():
    """In JSON it is null as a whole; tables and pages read its mean."""
    for parts in ("scenarios", "ways"):
        stored = {parts: [{"name": "one", "kpis": {"access_days_mean": None}}, {"name": "two", "kpis": None}]}
        one, two = with_empty(stored)[parts]
        assert with_interval(one["kpis"]["access_days_mean"]) == NO_VALUE
        assert two["kpis"] is None


def test_an_unfinished_study_has_no_report(forecast_folder, tmp_path):
    (tmp_path / "manifest.json").write_text((forecast_folder / "manifest.json").read_text())
    with pytest.raises(FolderError, match="not finished"):
        page_of(tmp_path)


def test_a_damaged_table_is_told(compared, tmp_path):
    import shutil

    folder, _ = compared
    shutil.copytree(folder, tmp_path / "copy")
    part = next((tmp_path / "copy").glob("01-*/runs/part-*.parquet"))
    part.write_bytes(part.read_bytes()[:100])
    with pytest.raises(FolderError, match="part-00000"):
        page_of(tmp_path / "copy")


def test_numbers_of_figures_are_finite(compared):
    for shown in page_of(compared[0]).drawn:
        for trace in shown.figure.data:
            for values in (trace.x, trace.y):
                known = [each for each in values if isinstance(each, float)]
                assert np.isfinite(known).all(), shown.key


def test_the_shipped_name_does_not_stand_over_a_clinics_own_data(tmp_path):
    from simclinic.studies.calibrate import calibrate
    from tests.calibration.clinic import export, rows

    (tmp_path / "our-visits.csv").write_text(export(rows(60, 3.0, 1)))
    calibrate(tmp_path / "our-visits.csv", out=tmp_path / "out")
    assert page_of(tmp_path / "out").title.startswith("Our clinic, calibrated as of ")
    (tmp_path / "ours.toml").write_text('name = "Ours"\n')
    calibrate(tmp_path / "our-visits.csv", base=tmp_path / "ours.toml", out=tmp_path / "again")
    assert page_of(tmp_path / "again").title.startswith("Ours, calibrated as of ")


def test_what_init_writes_stays_true_when_it_is_edited():
    """Its description is the question of the report: it names nothing that an edit would make false."""
    described = load(ROOT / "scenarios" / "baseline.toml").description
    assert described.endswith("?")
    assert not re.search(r"\d|\b(one|two|three|four|five|six|ten)\b|chair|nurse|typical|small", described)
