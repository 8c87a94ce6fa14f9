"""Figures that stand in the pages are those that come out.

What theory or paper gives is checked always; what has to be simulated for minutes, with `-m long`.
"""

import math
import re

import numpy as np
import pytest
from scipy import special

import simclinic
from tests.analytic.theory.renewal import Programme, TimeDistribution
from tests.docs.figures import COMMUNITY, MOVED, RAMP, SAMPLE, TABLES, Table, filled, retold, typed
from tests.docs.pages import ROOT, blocks, shows, tables

STAFFING = "docs/how-to/staffing.md"
LAWS = {"trials": (2.70, 0.63, 0.20), "community": (3.89, 0.95, 0.28)}


def table_with(name: str, heading: str) -> list[list[str]]:
    (result,) = (table for table in tables(name) if any(heading in cell for cell in table[0]))
    return result


def number(cell: str) -> float:
    """Read the first number of a cell: "18.4 (17.8–19.1)" is 18.4."""
    return float(re.search(r"-?[\d,]*\.?\d+", cell)[0].replace(",", ""))


def rounds_to(value: float, cell: str) -> bool:
    """Tell whether a cell gives a value, rounded to as many decimals as it shows."""
    shown = re.search(r"-?[\d,]*(?:\.(\d+))?", cell)
    return abs(value - number(cell)) <= 0.5001 * 10.0 ** -len(shown[1] or "")


# -- from theory ---------------------------------------------------------------------------------------------


def lognormal(mu: float, sigma: float, never: float = 0.0) -> TimeDistribution:
    def below(days, shift=0.0):
        with np.errstate(divide="ignore"):
            return special.ndtr((np.log(np.maximum(days, 0.0)) - mu - shift) / sigma)

    def limited_mean(days):
        days = np.asarray(days, dtype=float)
        return math.exp(mu + sigma**2 / 2) * below(days, sigma**2) + days * (1 - below(days))

    return TimeDistribution(lambda days: 1 - below(days), limited_mean, never)


def programme(distribution: str, wait: float) -> Programme:
    """Boosters of the typical clinic without limits of capacity, `wait` days from asking to leaving."""
    scenario = simclinic.baseline().scenario
    intake, rules = scenario.intake, scenario.boosters
    series = scenario.demand.referrals_per_week * (1 - intake.contraindicated) * (1 - intake.consult_no_show)
    completed = math.prod(1 - share for share in scenario.response.drop_out)
    return Programme(
        rate=series * intake.accepts * completed * scenario.response.probability / 7,
        relapse=lognormal(*LAWS[distribution]),
        booster=lognormal(rules.days.mu, rules.days.sigma),
        check_in=rules.check_in_days,
        self_report=rules.self_report,
        follow_up=scenario.relapse.follow_up_days,
        uptake=rules.uptake,
        attrition=rules.attrition,
        visit=wait,
        horizon=2000.0,
    )


@pytest.mark.parametrize(
    ("distribution", "heading", "column", "wait"),
    [
        ("trials", "simulated, typical clinic", 2, 0.07),
        ("trials", "simulated, typical clinic", 3, 2.6),
        ("community", "simulated", 2, 0.07),
    ],
)
def test_exact_figures_of_the_ramp(distribution, heading, column, wait):
    (table,) = (rows for rows in tables(RAMP) if rows[0][1] == heading)
    exact = programme(distribution, wait)
    opened = 26.7  # days until the first series ends
    for year, row in enumerate(table[1:6]):
        assert rounds_to(exact.mean(year * 364, (year + 1) * 364, opened) / 52, row[column]), row
    assert rounds_to(7 * exact.rate * exact.requests_per_patient, table[6][column])


# -- from paper ----------------------------------------------------------------------------------------------


def test_every_row_of_what_moves_the_load_is_checked():
    assert len(table_with(RAMP, "in the end, on paper")) - 1 == len(MOVED)


@pytest.mark.parametrize("row", range(len(MOVED)))
def test_load_in_the_end_on_paper(row):
    cells = table_with(RAMP, "in the end, on paper")[1 + row]
    demand = simclinic.baseline().change(*MOVED[row]).check()["demand"]
    assert rounds_to(demand["boosters"], cells[2])


def test_starts_of_the_plans_on_paper():
    for cells in table_with(STAFFING, "margin")[1:]:
        chairs, nurses = (cell.strip("*") for cell in cells[:2])
        plan = simclinic.baseline().change(f"clinic.chairs={chairs}", f"shifts.day.nurses={nurses}")
        assert plan.check()["plans"][0]["starts_per_week"] == int(cells[2])


def test_readme_tells_the_load_in_the_end():
    last = table_with("README.md", "relapse as in the trials")[-1]
    for changes, cell in (([], last[1]), ([COMMUNITY], last[2])):
        assert rounds_to(simclinic.baseline().change(*changes).check()["demand"]["boosters"], cell)


def test_what_is_learnt_from_the_sample_beside_its_truth():
    text = (ROOT / SAMPLE.page).read_text(encoding="utf-8")
    assert filled(text, SAMPLE) == text, "run `python -m tests.docs.figures`, and read the page again"


# -- from simulations ----------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.heading)
def test_simulated_tables(table):
    text = (ROOT / table.page).read_text(encoding="utf-8")
    assert filled(text, table) == text, "run `python -m tests.docs.figures`, and read the page again"


@pytest.mark.long
def test_readme_shows_what_its_first_command_prints(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (shown,) = (block.text for block in blocks("README.md") if block.language == "text")
    assert shows(f"{shown}...", typed(f"simclinic run {ROOT / 'scenarios' / 'baseline.toml'}"))


def test_outputs_are_retold_with_new_figures():
    shown = "Boosters      18.4  17.8–19.1  per week\n...\n  week 1  4.6  #######\n"
    output = "Days 1\nBoosters      2.1  -0.2 to 19  per week\nother\n  week 1  4.8  ####\n"
    assert retold(shown, output) == "Boosters      2.1  -0.2 to 19  per week\n...\n  week 1  4.8  ####\n"


def test_tables_are_found_and_filled():
    text = "before\n\n| a | b |\n| --- | --- |\n| one | 1 |\n| two | 2 |\n"
    table = Table("x.md", "| a | b |", lambda: [{}, {1: "9"}])
    assert filled(text, table) == text.replace("| 2 |", "| 9 |")
    for real in TABLES:
        text = (ROOT / real.page).read_text(encoding="utf-8")
        assert sum(line.startswith(real.heading) for line in text.splitlines()) == 1
