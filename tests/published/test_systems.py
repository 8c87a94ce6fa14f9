"""Published systems: theory gives what was printed, and the simulator gives what theory does."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from tests.analytic.theory import erlang
from tests.docs.pages import ROOT
from tests.published import (
    health_centre,
    nurse_visit,
    paediatric_clinic,
    stroke_beds,
    treatment_centre,
    triage,
    urgent_care_calls,
)
from tests.published.__main__ import main
from tests.published.figure import HEADINGS, Figure, limit
from tests.published.impatient_callers import CALLERS, EXACT
from tests.published.systems import READINGS, SYSTEMS, TABLES

PAGE = "docs/background/published.md"

# -- What was printed, and theory ------------------------------------------------------------------------------


def test_the_call_centre_is_the_exact_chain():
    assert [f"{100 * EXACT.gave_up:.1f}", f"{60 * EXACT.mean_wait:.1f}"] == ["3.1", "3.7"]
    assert f"{100 * EXACT.utilisation:.0f}" == "93"


@pytest.mark.parametrize("ward", stroke_beds.DELAYS)
def test_the_delays_for_beds_are_erlangs_formula_b(ward):
    kinds, published = stroke_beds.DELAYS[ward]
    assert {beds: round(stroke_beds.delay(kinds, beds), 2) for beds in published} == published


def test_the_python_package_has_other_stays_on_the_acute_ward():
    # A load of 8.15 beds, not 8.36: all but one of its figures to the digit.
    exact = {beds: stroke_beds.delay(stroke_beds.WITH_MORTALITY, beds) for beds in stroke_beds.IN_PYTHON}
    as_printed = [round(exact[beds], 2) == cell for beds, cell in stroke_beds.IN_PYTHON.items()]
    assert sum(as_printed) == len(as_printed) - 1
    assert all(abs(exact[beds] - cell) < 0.01 for beds, cell in stroke_beds.IN_PYTHON.items())


def test_who_waits_for_a_bed_meets_a_full_ward_far_more_often_than_the_printed_delay():
    assert erlang.erlang_c(9, stroke_beds.load(stroke_beds.ACUTE)) == pytest.approx(0.77, abs=0.005)
    assert stroke_beds.DELAYS["acute"][1][9] == 0.19


def test_the_beds_in_use_are_counted_by_the_minute():
    # One from 0 to 30 and one from 10 to 20; one who came before and leaves at 5; one who never leaves, from 35 on.
    one = np.array([0.0, 10.0]), np.array([30.0, 20.0])
    other = np.array([-7.0, 35.0]), np.array([5.0, math.nan])
    # 0 beds: 30 to 35. 1: 5 to 10, 20 to 30, 35 to 40. 2: 0 to 5, 10 to 20.
    assert stroke_beds.minutes_in_use([one, other], 40.0, 3).tolist() == [5, 20, 15]


def test_all_eight_printed_waits_miss_erlangs_formula_and_meet_it_at_the_load_that_was_drawn():
    half = 0.005  # of the last printed digit
    for minutes, (python, low, high, r) in nurse_visit.WAITS.items():
        assert nurse_visit.expected_wait(minutes) > high
        assert low - half <= nurse_visit.expected_wait_as_drawn(minutes) <= high + half
        assert abs(r - nurse_visit.expected_wait(minutes)) < abs(python - nurse_visit.expected_wait(minutes))
    # Too few came: so far from the mean is 1 of 60 such runs.
    mean, _, high = nurse_visit.ARRIVALS
    z = (mean - 10_800) / math.sqrt(10_800 / 31)
    assert high < 10_800
    assert 2 * stats.norm.sf(abs(z)) == pytest.approx(1 / 60, rel=0.05)


def test_the_printed_use_of_nurses_is_load_over_nurses_and_a_little_less():
    for every, cell in nurse_visit.IN_USE.items():
        for nurses, share in zip(range(5, 9), cell, strict=True):
            assert share == pytest.approx(10 / every / nurses, abs=0.01)


def test_the_printed_waits_for_triage_are_within_the_luck_of_fifty_days():
    for system, (bays, printed) in zip(TABLES["Triage"], triage.WAITS.items(), strict=True):
        means = np.array([sums[2][0] for sums in system.sums(100)])
        error = means.std(ddof=1) * math.sqrt(1 / triage.DAYS + 1 / len(means))
        assert all(abs(cell - means.mean()) < 2.6 * error for cell in printed), bays


@pytest.mark.parametrize("plan", ["as it is"])
def test_the_printed_days_of_the_treatment_centre_are_within_the_chance_of_fifty_days(plan):
    assert all(abs(z) < 3.5 for z in treatment_centre.far_off(plan, 60).values())


@pytest.mark.long
@pytest.mark.parametrize("plan", treatment_centre.PRINTED)
def test_all_printed_days_of_the_treatment_centre_are_within_the_chance_of_fifty_days(plan):
    assert all(abs(z) < 3 for z in treatment_centre.far_off(plan, 400).values())


@pytest.mark.long
def test_a_poisson_process_is_not_what_the_treatment_centre_had():
    off = treatment_centre.far_off("as it is", 400, treatment_centre.sums)
    assert off["treatment in use"] < -3


def test_babies_and_children_wait_equally_long_at_the_reception():
    # Arrivals at random find the same queue, whatever they are.
    babies, children = (paediatric_clinic.exact(kind) for kind in paediatric_clinic.KINDS)
    assert babies[0] == pytest.approx(children[0], rel=1e-9)
    # Pollaczek and Khinchine give the wait of a clinic that has always been open.
    second = (2 * 0.25**2 + 2 * 2 / 6**2) / 3
    assert babies[0] == pytest.approx(3 * second / 2 / (1 - 0.25 - 2 / 6), rel=0.02)


@pytest.mark.parametrize("count", [100, pytest.param(2000, marks=pytest.mark.long)])
def test_the_printed_waits_of_the_paediatric_clinic_are_within_the_chance_of_16_runs(count):
    assert all(abs(z) < 3 for z in paediatric_clinic.far_off(count).values())


@pytest.mark.parametrize("plan", urgent_care_calls.PRINTED)
@pytest.mark.parametrize("count", [10, pytest.param(400, marks=pytest.mark.long)])
def test_the_printed_means_of_the_call_centre_are_within_the_chance_of_their_runs(plan, count):
    assert all(abs(z) < (3 if count > 10 else 3.5) for z in urgent_care_calls.far_off(plan, count).values())


SHARED = {
    "nurse for blood pressures in use",
    "mean queue for the laboratory",
    "mean wait for the laboratory (min)",
}
"""Figures of the health centre that depend on whose age and test a patient has."""


def centre_off(name, value, error):
    """Tell by how many standard errors a printed figure is off, beyond the rounding to three decimals."""
    mean, sd = health_centre.PRINTED[name]
    beyond = max(abs(value - mean) - 0.0005, 0.0)
    return beyond / math.hypot(max(sd, 0.0005) / math.sqrt(health_centre.RUNS), error)


def test_the_printed_waits_of_the_health_centre_are_those_of_the_newest_patients_age_and_test():
    rng = np.random.default_rng(9)

    def waits(newest):
        years = [health_centre.by_recursion(rng, 365, newest) for _ in range(8)]
        return {
            name: (np.mean(of), np.std(of, ddof=1) / math.sqrt(len(of)))
            for name in years[0]
            for of in ([year[name] for year in years],)
        }

    program, own = waits(True), waits(False)
    assert all(centre_off(name, *found) < 3.5 for name, found in program.items())
    assert own["mean wait for the laboratory (min)"][0] == pytest.approx(0.34, abs=0.02)
    assert all(centre_off(name, *found) < 3.5 for name, found in own.items() if name not in SHARED)


@pytest.mark.parametrize("share", [0.05, pytest.param(1, marks=pytest.mark.long)])
def test_all_other_printed_figures_of_the_health_centre_are_simclinics(share):
    for system in health_centre.HEALTH_CENTRE:
        for estimate in system.estimates(round(share * system.replications)):
            ratios = estimate.upper / estimate.lower
            off = centre_off(estimate.name, estimate.simulated, ratios.std(ddof=1) / math.sqrt(estimate.n))
            assert off < limit(estimate.n) or estimate.name in SHARED, estimate.name


# -- The simulator, and theory ---------------------------------------------------------------------------------

QUICK = [
    (nurse_visit.WAIT[2], 8),
    (nurse_visit.USE[1], 5),
    (CALLERS[0], 12),
    (TABLES["Triage"][0], 80),
    (paediatric_clinic.CLINIC[0], 100),
    (stroke_beds.BEDS[0], 8),
]


@pytest.mark.parametrize(("system", "count"), QUICK, ids=str)
def test_the_simulator_meets_theory(system, count):
    for figure, estimate in zip(system.figures, system.estimates(count), strict=True):
        if not math.isnan(figure.exact):
            assert abs(estimate.t) < limit(count), figure.row(estimate)


@pytest.mark.long
@pytest.mark.parametrize("system", SYSTEMS, ids=repr)
def test_the_simulator_meets_theory_as_closely_as_the_page_says(system):
    for figure, estimate in zip(system.figures, system.estimates(system.replications), strict=True):
        if not math.isnan(figure.exact):
            assert abs(estimate.t) < limit(system.replications), figure.row(estimate)


def test_an_interval_is_students():
    upper, ones = np.array([1.0, 2.0, 4.0, 5.0]), np.ones(4)
    figure = Figure("it", "3", 3.0)
    half = stats.t.ppf(0.975, 3) * upper.std(ddof=1) / 2
    row = figure.row(figure.simulated(upper, ones))
    assert row[3:] == ("3", f"{3 - half:.4g} to {3 + half:.4g}", "+0.00", "4")


# -- The page ----------------------------------------------------------------------------------------------------


def on_the_page(heading):
    """Rows of the table that stands under a heading of the page."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    (after,) = text.split(f"\n**{heading}**\n")[1:]
    lines = itertools.takewhile(lambda line: line.startswith("|"), after.lstrip("\n").splitlines())
    header, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return header, rows


@pytest.mark.parametrize("heading", TABLES)
def test_the_page_tells_what_was_published_and_what_is_exact(heading):
    header, rows = on_the_page(heading)
    figures = [figure for system in TABLES[heading] for figure in system.figures]
    assert header == list(HEADINGS)
    assert [tuple(row[:3]) for row in rows] == [figure.known_cells for figure in figures]
    assert [int(row[6]) for row in rows] == [
        system.replications for system in TABLES[heading] for _ in system.figures
    ]
    for figure, row in zip(figures, rows, strict=True):
        low, high = map(float, row[4].split(" to "))
        assert low < float(row[3]) < high
        assert math.isnan(figure.exact) or abs(float(row[5])) < limit(int(row[6]))


def test_the_page_tells_how_far_off_the_farthest_is():
    far = [abs(float(row[5])) for heading in TABLES for row in on_the_page(heading)[1] if row[5]]
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    assert f"The largest of the {len(far)} values of *t* is {max(far)}" in text


@pytest.mark.parametrize("heading", READINGS)
def test_the_page_tells_theory(heading):
    header, rows = READINGS[heading]
    assert on_the_page(heading) == (list(header), [list(row) for row in rows])


def test_the_command_prints_such_a_table(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["tests.published", "Impatient callers", "--share", "0.1"])
    main()
    heading, _, header, _, first, *_ = capsys.readouterr().out.splitlines()
    assert heading == "**Impatient callers**"
    assert header == f"| {' | '.join(HEADINGS)} |"
    assert first.startswith("| give up (%) | 3.1 | 3.091 | ")


def test_the_command_knows_its_tables(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["tests.published", "Callers"])
    with pytest.raises(SystemExit):
        main()
    assert "no such table: Callers; there are" in capsys.readouterr().err
