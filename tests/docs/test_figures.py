"""Figures that stand in the pages are those that come out.

What theory or paper gives is checked always; what has to be simulated for minutes, with `-m long`.
"""

import math
import re

import numpy as np
import pytest
from scipy import special, stats

import simclinic
import simclinic.cli
from tests.analytic.theory.renewal import Law, Programme
from tests.docs.pages import ROOT, blocks, shows, tables

RAMP, STAFFING = "docs/background/ramp.md", "docs/how-to/staffing.md"
LAWS = {"trials": (2.70, 0.63, 0.20), "community": (3.89, 0.95, 0.28)}
AS_COMMUNITY = 'relapse.days={dist="lognormal", mu=3.89, sigma=0.95, never=0.28}'


def table_with(name: str, heading: str) -> list[list[str]]:
    (found,) = (table for table in tables(name) if any(heading in cell for cell in table[0]))
    return found


def number(cell: str) -> float:
    """Read the first number of a cell: "18.4 (17.8–19.1)" is 18.4."""
    return float(re.search(r"-?[\d,]*\.?\d+", cell)[0].replace(",", ""))


def rounds_to(value: float, cell: str) -> bool:
    """Tell whether a cell gives a value, rounded to as many decimals as it shows."""
    shown = re.search(r"-?[\d,]*(?:\.(\d+))?", cell)
    return abs(value - number(cell)) <= 0.5001 * 10.0 ** -len(shown[1] or "")


# -- from theory ---------------------------------------------------------------------------------------------


def lognormal(mu: float, sigma: float, never: float = 0.0) -> Law:
    def below(days, shift=0.0):
        with np.errstate(divide="ignore"):
            return special.ndtr((np.log(np.maximum(days, 0.0)) - mu - shift) / sigma)

    def limited_mean(days):
        days = np.asarray(days, dtype=float)
        return math.exp(mu + sigma**2 / 2) * below(days, sigma**2) + days * (1 - below(days))

    return Law(lambda days: 1 - below(days), limited_mean, never)


def programme(law: str, wait: float) -> Programme:
    """Boosters of the typical clinic without limits of capacity, `wait` days from asking to leaving."""
    scenario = simclinic.baseline().scenario
    intake, rules = scenario.intake, scenario.boosters
    series = scenario.demand.referrals_per_week * (1 - intake.contraindicated) * (1 - intake.consult_no_show)
    completed = math.prod(1 - share for share in scenario.response.drop_out)
    return Programme(
        rate=series * intake.accepts * completed * scenario.response.probability / 7,
        relapse=lognormal(*LAWS[law]),
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
    ("law", "heading", "column", "wait"),
    [
        ("trials", "simulated, typical clinic", 2, 0.07),
        ("trials", "simulated, typical clinic", 3, 2.4),
        ("community", "simulated", 2, 0.07),
    ],
)
def test_exact_figures_of_the_ramp(law, heading, column, wait):
    (table,) = (rows for rows in tables(RAMP) if rows[0][1] == heading)
    exact = programme(law, wait)
    opened = 26.5  # days until the first series ends
    for year, row in enumerate(table[1:6]):
        assert rounds_to(exact.mean(year * 364, (year + 1) * 364, opened) / 52, row[column]), row
    assert rounds_to(7 * exact.rate * exact.requests_per_patient, table[6][column])


# -- from paper ----------------------------------------------------------------------------------------------

MOVED = {
    1: [],
    2: ["boosters.attrition=0.03"],
    3: ["boosters.attrition=0.12"],
    4: ["boosters.uptake=0.40"],
    5: ["boosters.uptake=0.95"],
    6: ["response.probability=0.45"],
    7: ["response.probability=0.71"],
    8: ["relapse.days.never=0.06"],
    9: ["relapse.days.never=0.40"],
    10: ["response.drop_out=[0.20, 0.11]"],
    11: ["relapse.days.mu=2.40"],
    12: ["relapse.days.mu=3.03"],
    13: [AS_COMMUNITY],
    14: ["boosters.days.median=14"],
    15: ["boosters.days.median=60"],
    16: ["boosters.lengthening=1.2"],
}
"""What each row of "What moves the booster load" changes."""


def test_every_row_of_what_moves_the_load_is_checked():
    assert len(table_with(RAMP, "in the end, on paper")) - 1 == len(MOVED)


@pytest.mark.parametrize("row", MOVED)
def test_load_in_the_end_on_paper(row):
    cells = table_with(RAMP, "in the end, on paper")[row]
    demand = simclinic.baseline().change(*MOVED[row]).check()["demand"]
    assert rounds_to(demand["boosters"], cells[2])


def test_readme_tells_the_load_in_the_end():
    last = table_with("README.md", "relapse as in the trials")[-1]
    for changes, cell in (([], last[1]), ([AS_COMMUNITY], last[2])):
        assert rounds_to(simclinic.baseline().change(*changes).check()["demand"]["boosters"], cell)


# -- from simulations ----------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("row", MOVED)
def test_load_simulated(row):
    cells = table_with(RAMP, "in the end, on paper")[row]
    result = simclinic.baseline().change(*MOVED[row]).run(10)
    assert rounds_to(result.kpis.loc["boosters_per_week", "mean"], cells[3])
    assert ("still rising" in cells[3]) == any("rise" in warning for warning in result.warnings)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    return {
        name: simclinic.load(ROOT / "scenarios" / f"{name}.toml").run(out=folder / name)
        for name in ("baseline", "community-relapse")
    }


@pytest.mark.long
def test_years_of_boosters(runs):
    for column, (name, told) in enumerate(
        (("baseline", "simulated, typical clinic"), ("community-relapse", "simulated"))
    ):
        ramp = runs[name].ramp
        years = ramp.groupby(["replication", (ramp["week"] + 208) // 52])["boosters"].sum().unstack() / 52
        (background,) = (table for table in tables(RAMP) if table[0][1] == told)
        readme = table_with("README.md", "relapse as in the trials")
        for year in years:
            low, high = stats.t.interval(0.95, 29, loc=years[year].mean(), scale=stats.sem(years[year]))
            shown = f"{years[year].mean():.1f} ({low:.1f}–{high:.1f})"
            assert background[1 + year][1] == shown
            assert readme[1 + year][1 + column].startswith(shown)


@pytest.mark.long
def test_readme_shows_what_its_first_command_prints(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        simclinic.cli.main(["run", str(ROOT / "scenarios" / "baseline.toml")])
    (shown,) = (block.text for block in blocks("README.md") if block.language == "text")
    assert shows(f"{shown}...", capsys.readouterr().out)


@pytest.mark.long
def test_table_of_plans():
    columns = (
        "balked_share",
        "access_days_mean",
        "booster_wait_days_mean",
        "wait_minutes_mean",
        "overtime_day_share",
        "margin_per_week",
    )
    for cells in table_with(STAFFING, "margin")[1:]:
        chairs, nurses = (cell.strip("*") for cell in cells[:2])
        plan = simclinic.baseline().change(f"clinic.chairs={chairs}", f"shifts.day.nurses={nurses}")
        result = plan.run()
        assert plan.check()["plans"][0]["starts_per_week"] == int(cells[2])
        assert {"yes": True, "**no**": False}[cells[3]] is result.stable
        for name, cell in zip(columns, cells[4:], strict=True):
            value = result.kpis.loc[name, "mean"] * (100 if name.endswith("_share") else 1)
            assert rounds_to(value, cell), (cells, name)
