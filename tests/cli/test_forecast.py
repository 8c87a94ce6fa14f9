"""`simclinic forecast`, as owners and scripts use it."""

import csv
import json
import re

import pytest
from rich.console import Console

from simclinic.report.pages.forecast import _totals, answer_lines
from simclinic.report.text.forecast import _TOTALS, FIGURES, _law
from tests.faults.processes import OFTEN, end_all, press, start, wait_until_kept

BANDS = ("booster_requests", "from_panel", "from_new", "boosters_given", "induction", "capacity")

PANEL = """\
patient,stage,referred_on,protocol,infusions_done,last_infusion_on,boosters_done,next_appointment
SECRET-17,waiting,2025-12-20,twice-weekly,0,,0,
SECRET-02,series,2025-11-29,twice-weekly,3,2026-01-02,0,2026-01-06
SECRET-40,maintained,2025-06-11,twice-weekly,6,2025-12-11,4,
SECRET-41,maintained,2025-06-11,twice-weekly,6,2025-12-30,0,2026-01-07T09:30
"""

CALIBRATED = """
[uncertainty.relapse]
settings = ["relapse.days.mu", "relapse.days.sigma"]
scale = ["identity", "log"]
covariance = [[1.0, 0.0], [0.0, 0.04]]
"""


def strict(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def panel(tmp_path):
    file = tmp_path / "panel.csv"
    file.write_text(PANEL)
    return file


@pytest.fixture
def forecast(simclinic, scenario, panel, tmp_path):
    """Forecast three weeks in four futures, unless told otherwise."""

    def call(*more, out="out", panel=panel):
        return simclinic(
            *("forecast", scenario, "--panel", panel, "--weeks", 3, "--replications", 4),
            *("--workers", 1, "--out", tmp_path / out, *more),
        )

    return call


def files(folder):
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in ("manifest.json", ".lock")
    }


def test_the_documented_document(forecast, tmp_path):
    result = forecast("--json")
    assert result.status == 0, result.err
    actual = strict(result.out)
    assert result.out == (tmp_path / "out" / "summary.json").read_text()
    assert (actual["schema_version"], actual["study"], actual["seed"]) == (1, "forecast", 1)
    assert actual["horizon"] == {"start": "2026-01-05", "warm_up_weeks": 0, "weeks": 3}
    assert actual["panel"] == {"patients": 4, "waiting": 1, "series": 1, "maintained": 2}
    assert [week["week"] for week in actual["weeks"]] == [0, 1, 2]
    assert [week["start"] for week in actual["weeks"]] == ["2026-01-05", "2026-01-12", "2026-01-19"]
    for week in actual["weeks"]:
        for name in BANDS:
            band = week[name]
            assert set(band) == {"p10", "p50", "p90", "mean", "ci"}
            assert 0 <= band["p10"] <= band["p50"] <= band["p90"]
            assert band["ci"][0] <= band["mean"] <= band["ci"][1]
        both = week["from_panel"]["mean"] + week["from_new"]["mean"]
        assert week["booster_requests"]["mean"] == pytest.approx(both)
        assert week["capacity"] == {"p10": 60, "p50": 60, "p90": 60, "mean": 60, "ci": [60, 60]}
        assert week["full_probability"] == 0
        assert 0 <= week["not_served"]["mean"] <= week["asked"]["mean"]
        assert 0 <= week["starts_used"]["p90"] <= 60
    assert actual["full_in_week"] is None
    assert actual["full_from"] == {"futures": 4, "full": 0, "middle": None, "range": None, "full_at_end": 0}
    assert actual["full_limits"] == {
        "not_served_share": 0.05,
        "booster_wait_days": 7,
        "weeks": 13,
        "patience_days": 42,
    }
    assert actual["total"]["capacity"]["p50"] == 180


def test_both_laws_stand_side_by_side(forecast, tmp_path):
    result = strict(forecast("--json").out)
    own, other = result["laws"]
    assert own["name"] == "relapse as in the trials"
    assert other["name"] == "relapse as in the community"
    assert (own["relapse"]["mu"], other["relapse"]["mu"]) == (2.70, 3.89)
    assert own["weeks"] == result["weeks"]
    assert (own["n"], other["n"]) == (4, 4)
    assert not result["calibrated"]
    folders = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert folders == ["01-relapse-as-in-the-trials", "02-relapse-as-in-the-community"]


def test_a_law_of_ones_own_comes_first(forecast):
    result = strict(forecast("--json", "--set", "relapse.days=30").out)
    assert [law["name"] for law in result["laws"]] == [
        "relapse as in the scenario",
        "relapse as in the trials",
        "relapse as in the community",
    ]
    community = 'relapse.days={dist="lognormal", mu=3.89, sigma=0.95, never=0.28}'
    result = strict(forecast("--json", "--set", community, out="other").out)
    assert [law["name"] for law in result["laws"]] == [
        "relapse as in the community",
        "relapse as in the trials",
    ]


def test_only_the_own_law(forecast):
    document = strict(forecast("--json", "--own-law").out)
    [law] = document["laws"]
    # without another law its name says nothing
    said = list(answer_lines(document))
    assert said[0].startswith("Full within 3 weeks (until 2026-01-25) in ")
    assert law["name"] not in " ".join(said)
    several = list(answer_lines(strict(forecast("--json", out="several").out)))
    assert law["name"] in " ".join(several).lower()


def test_a_calibrated_scenario_has_one_law_and_draws_its_settings(forecast, scenario):
    scenario.write_text(scenario.read_text() + CALIBRATED)
    actual = strict(forecast("--json").out)
    assert actual["calibrated"]
    assert actual["uncertain"] == ["relapse.days.mu", "relapse.days.sigma"]
    assert [law["name"] for law in actual["laws"]] == ["relapse as in the trials"]
    result = forecast()
    assert "2 estimated settings are drawn anew in each future" in " ".join(result.out.split())
    fixed = strict(forecast("--json", "--fixed-parameters", out="fixed").out)
    assert fixed["uncertain"] == []
    assert len(fixed["laws"]) == 1
    more = ("--json", "--replications", 8, "--weeks", 8)
    one, other = (
        strict(forecast(*more, *how, out=f"more-{bool(how)}").out) for how in ((), ("--fixed-parameters",))
    )
    assert one["total"]["booster_requests"] != other["total"]["booster_requests"]
    assert one["total"]["capacity"] == other["total"]["capacity"]


def test_the_table_is_for_an_owner(forecast, tmp_path):
    result = forecast()
    assert result.status == 0
    assert result.err == ""
    running = " ".join(result.out.split())
    assert (
        "3 weeks from 2026-01-05, beginning with 4 patients (waiting 1, in series 1, maintained 2)" in running
    )
    assert "Settings are used as given" in running
    assert (
        "relapse as in the trials: full within 3 weeks (until 2026-01-25) in none of the 4 futures; 4 futures are "
        "too few to say how certain that is (at least 40)" in running
    )
    for message in (
        "RELAPSE AS IN THE TRIALS",
        "RELAPSE AS IN THE COMMUNITY",
        "today's",
        "All 3 weeks",
        "Ketamine, g",
    ):
        assert message in result.out
    assert max(len(line) for line in result.out.splitlines() if str(tmp_path) not in line) <= 80


def test_money_is_said_with_three_digits():
    """As a person says it; of counts every one is said."""
    band = {"p10": 98_765.4, "p50": 123_456.7, "p90": 150_001.0, "mean": 0.0}
    week = dict.fromkeys(FIGURES, band) | {"week": 1, "start": "2026-01-05", "full_probability": 0.0}
    law = {"name": "own", "weeks": [week], "total": dict.fromkeys(_TOTALS, band), "n": 9}
    rows = {str(label): cells for label, *cells in _totals(law, "USD")}
    console = Console(width=80)
    with console.capture() as capture:
        console.print(*_law(law, "USD"))
    printed = capture.get()
    for label in ("Revenue, USD", "Margin, USD"):
        assert rows[label][:2] == ["123,000", "99,000–150,000"]
        assert re.search(rf"{label} +123,000 +99,000–150,000", printed)
    assert rows["Boosters given"][0] == "123,457"
    assert re.search("Boosters given +123,457 +98,765–150,001", printed)


def test_weeks_that_do_not_begin_on_monday_say_so(forecast, simclinic, tmp_path):
    result = forecast("--as-of", "2026-01-03")
    running = " ".join(result.out.split())
    assert "3 weeks from Saturday, 2026-01-03, beginning with 4 patients" in running
    assert result.out.count("from Sat ") == 2  # the tables of both laws
    assert simclinic("report", tmp_path / "out").status == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "3 weeks from Saturday, 2026-01-03" in page
    assert "and its first day, a Saturday" in page
    assert ">from Sat<" in page
    forecast(out="monday")
    assert simclinic("report", tmp_path / "monday").status == 0
    page = (tmp_path / "monday" / "report.html").read_text()
    assert "from Mon" not in page
    assert "its first day, a" not in page


def test_rows_for_a_spreadsheet(forecast, tmp_path):
    result = strict(forecast("--json").out)
    rows = list(csv.DictReader((tmp_path / "out" / "summary.csv").read_text().splitlines()))
    assert len(rows) == 6
    assert [row["law"] for row in rows[::3]] == [law["name"] for law in result["laws"]]
    for row, week in zip(rows, [week for law in result["laws"] for week in law["weeks"]], strict=True):
        assert (int(row["week"]), row["start"]) == (week["week"], week["start"])
        for name in BANDS:
            assert float(row[f"{name}_p90"]) == week[name]["p90"]
        assert float(row["full_probability"]) == week["full_probability"]


def test_no_identifier_is_in_any_file_or_word(forecast, tmp_path):
    result = forecast()
    assert "SECRET" not in result.out + result.err
    forecast("--json")
    kept = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert len(kept) > 10
    for file in kept:
        assert b"SECRET" not in file.read_bytes(), file


def test_the_day_it_begins(forecast):
    assert strict(forecast("--json", "--as-of", "2026-01-05").out)["horizon"]["start"] == "2026-01-05"
    for day, message in (
        ("2026-01-02", "--as-of"),
        ("2026-01-07", "next appointments lie before 2026-01-07"),
    ):
        result = forecast("--as-of", day, out=f"at-{day}")
        assert result.status == 2
        assert message in result.err
    result = forecast("--as-of", "5.1.2026")
    assert result.status == 2
    assert "5.1.2026" in result.err


def test_growth_counts_from_the_scenarios_own_start(forecast, scenario):
    """Twice as many after a year: a forecast that begins a year after `run.start` sees them from its first week."""
    doubled = ("--set", "demand.growth_per_year=1.0", "--set", "run.start=2025-01-04", "--own-law")
    plain = strict(forecast("--json", "--own-law", "--replications", 20).out)
    result = strict(forecast("--json", *doubled, "--replications", 20, out="grown").out)
    later = ("--set", "demand.referrals_per_week=20.6", "--own-law")
    twice = strict(forecast("--json", *later, "--replications", 20, out="twice").out)
    each = [one["weeks"][2]["induction"]["mean"] for one in (plain, result, twice)]
    assert each[1] > 1.3 * each[0]
    assert each[1] == pytest.approx(each[2], rel=0.15)


def test_the_same_folder_goes_on_and_no_other_panel_comes_into_it(forecast, panel, tmp_path):
    once = forecast("--json")
    before = files(tmp_path / "out")
    assert forecast("--json").out == once.out
    assert files(tmp_path / "out") == before
    longer = forecast("--json", "--replications", 6)
    assert longer.out == forecast("--json", "--replications", 6, out="fresh").out
    assert strict(longer.out)["replications"] == 6
    assert forecast("--json").out == once.out  # fewer are looked at, none is lost
    head, *rows = PANEL.splitlines()
    shuffled = tmp_path / "shuffled.csv"
    shuffled.write_text("\n".join([head, *reversed(rows)]).replace(",", ";"))
    assert forecast("--json", panel=shuffled).out == once.out
    panel.write_text(PANEL.replace("2025-12-11,4", "2025-12-11,5"))
    result = forecast()
    assert result.status == 2
    assert "Choose another folder" in result.err
    assert "SECRET" not in result.err
    assert forecast("--weeks", 4).status == 2


def test_any_number_of_workers_gives_the_same_bytes(forecast, tmp_path):
    result = [forecast("--json", "--workers", number, out=f"by-{number}") for number in (1, 2)]
    assert result[0].status == 0
    assert result[0].out == result[1].out
    one, two = (files(tmp_path / f"by-{number}") for number in (1, 2))
    assert one == two
    assert len(one) > 10


def test_an_empty_panel_is_said(forecast, panel):
    panel.write_text(PANEL.splitlines()[0] + "\n")
    result = strict(forecast("--json").out)
    assert "the panel is empty: the simulated clinic begins today" in result["warnings"]
    assert result["horizon"]["start"] == "2026-01-05"
    assert result["total"]["from_panel"]["p90"] == 0


def test_a_fortnight_and_a_week(forecast):
    assert len(strict(forecast("--json", "--weeks", 2).out)["weeks"]) == 2
    result = strict(forecast("--json", "--weeks", 1, "--replications", 1, out="one").out)
    assert result["full_in_week"] is None
    band = result["weeks"][0]["booster_requests"]
    assert band["ci"] is None
    assert band["p10"] == band["p50"] == band["p90"] == band["mean"]


def test_what_the_panel_promises_beyond_the_plan_is_said(forecast, panel):
    crowd = "".join(f"SECRET-{k},waiting,2025-12-20,,,,,2026-01-06\n" for k in range(100, 120))
    panel.write_text(PANEL + crowd + "SECRET-9,waiting,,,,,,2026-01-11\nSECRET-8,waiting,,,,,,2029-01-11\n")
    warnings = " ".join(strict(forecast("--json").out)["warnings"])
    assert "21 for 12 starts on 2026-01-06; 1 for no starts on 2026-01-11" in warnings
    assert "1 appointments of the panel lie after the simulated weeks and are left out" in warnings


def test_columns_that_mean_nothing_are_told(forecast, panel):
    panel.write_text(
        "".join(f"{line},{'phone' if not k else '555'}\n" for k, line in enumerate(PANEL.splitlines()))
    )
    result = forecast()
    assert result.status == 0
    assert result.err == "panel.csv: columns not read: phone.\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("patient,stag\n", "Did you mean 'stage'"),
        (PANEL.replace("maintained", "maintaind"), "Did you mean 'maintained'"),
        (PANEL.replace("twice-weekly", "twice"), "must be a protocol of the scenario"),
        (PANEL.replace("2025-12-11", "11.12.2025"), "panel.csv:4: last_infusion_on"),
        (PANEL + PANEL.splitlines()[1], "is already in line 2"),
    ],
)
def test_a_wrong_panel_is_told_and_nothing_written(forecast, panel, tmp_path, text, message):
    panel.write_text(text)
    result = forecast()
    assert result.status == 2
    assert message in result.err
    assert "SECRET" not in result.err
    assert result.out == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing option '--panel'"),
        (("--panel", "none.csv"), "no such file"),
        (("--panel", "PANEL", "--weeks", "0"), "--weeks"),
        (("--panel", "PANEL", "--weeks", "521"), "--weeks"),
        (("--panel", "PANEL", "--replications", "0"), "run.replications"),
        (("--panel", "PANEL", "--set", "clinic.charis=3"), "Did you mean"),
    ],
)
def test_wrong_usage(simclinic, scenario, panel, monkeypatch, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = simclinic("forecast", scenario, *(str(panel) if each == "PANEL" else each for each in arguments))
    assert result.status == 2
    assert message in result.err
    assert not (tmp_path / "results").exists()


def test_ctrl_c_keeps_what_is_finished(simclinic, scenario, panel, tmp_path):
    out, many = tmp_path / "out", 3000
    command = ("forecast", scenario, "--panel", panel, "--out", out, "--weeks", 3, "--workers", 1)
    process = start(*command, "--replications", many, program=OFTEN)
    try:
        wait_until_kept(process, out / "01-relapse-as-in-the-trials")
        output, err, _ = press(process)
    finally:
        end_all()
    assert process.returncode == 130, err
    assert output == ""
    assert "Traceback" not in err
    result = re.search(r"Interrupted: ([\d,]+) of ([\d,]+) replications are kept", err)
    assert result, err
    kept = int(result[1].replace(",", ""))
    assert 0 < kept < 2 * many
    assert int(result[2].replace(",", "")) == 2 * many
    # the folder says how far it got, and the same command with fewer futures goes on from there
    assert simclinic("results", out).status == 0
    goes_on = simclinic(
        *("forecast", scenario, "--panel", panel, "--out", out, "--weeks", 3, "--replications", 4, "--json")
    )
    assert goes_on.status == 0
    assert strict(goes_on.out)["replications"] == 4


def test_results_show_it_again(forecast, simclinic, tmp_path):
    result = forecast()
    again = simclinic("results", tmp_path / "out")
    assert again.status == 0
    assert result.out.partition("\nResults are in")[0].strip() in again.out
    inner = simclinic("results", tmp_path / "out" / "01-relapse-as-in-the-trials")
    assert inner.status == 0
    assert "forecast of 'Small clinic': 4 of 4 replications" in inner.out
    listed = strict(simclinic("results", tmp_path / "out", "--json").out)
    assert listed["folders"][0]["study"] == "forecast"
