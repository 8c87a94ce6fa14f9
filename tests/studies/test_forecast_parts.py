"""Roles and types of visit in a forecast: their weekly columns, when a role is short, and how that is said."""

import numpy as np
import pytest

from simclinic.experiment.replication import replications
from simclinic.measures.groups import weekly_columns
from simclinic.report.text.forecast import role_rows, short_sentence, totals, type_rows
from simclinic.scenario import load
from simclinic.studies.forecast import band
from simclinic.studies.forecast_parts import by_role, by_visit, in_use, short_share

CONSULTS = load("scenarios/consult-days.toml", ["run.weeks=4", "run.warm_up_weeks=2", "run.begin=empty"])


def test_the_weekly_columns_of_parts_are_those_of_their_figures():
    [one] = replications(CONSULTS, 1, [0])
    weeks, kpis = one.weeks, one.kpis
    assert set(weekly_columns(CONSULTS)) <= set(weeks)
    hours = CONSULTS.shifts["prescriber"]  # two days a week from 08:00 to 13:00
    assert (hours.days, weeks["nurse_minutes_rostered:prescriber"].tolist()) == (("tue", "thu"), [600.0] * 4)
    busy, present = (
        weeks[f"{name}:prescriber"].sum() for name in ("hands_on_minutes", "nurse_minutes_present")
    )
    assert busy / present == pytest.approx(kpis["nurse_hands_on_utilisation:prescriber"])
    assert busy % 45 == pytest.approx(0)  # a consult takes 45 minutes
    assert weeks["cost:prescriber"].mean() == pytest.approx(kpis["cost_per_week:prescriber"])
    assert weeks["cost:nurse"].mean() == pytest.approx(kpis["cost_per_week:nurse"])
    for kind in ("infusion", "consult"):
        assert weeks[f"infusions:{kind}"].mean() == kpis[f"infusions_per_week:{kind}"]
        assert weeks[f"series_started:{kind}"].mean() == kpis[f"series_started_per_week:{kind}"]


def test_a_usual_clinic_has_no_such_columns():
    assert weekly_columns(load("scenarios/baseline.toml")) == {}


HANDS, EYES = np.array([[30.0, 60, 90, 90, 90, 90]]), np.array([[10.0, 10, 10, 95, 95, 0]])
PRESENT = np.full((1, 6), 100.0)


def test_use_is_that_of_hands_or_eyes_whichever_is_more_over_four_weeks():
    assert in_use(HANDS, EYES, PRESENT, 1).round(3).tolist() == [[0.3, 0.6, 0.9, 0.95, 0.95, 0.9]]
    # The hands of four weeks: 270, 330 and 360 of 400 minutes.
    assert in_use(HANDS, EYES, PRESENT, 4)[0, :3].tolist() == pytest.approx([0.675, 0.825, 0.9])
    assert np.isnan(in_use(HANDS, EYES, 0 * PRESENT, 4)).all()


def test_a_role_is_short_at_85_per_cent_and_not_below():
    assert short_share(np.array([[0.85, 0.8499, np.nan], [0.5, 0.9, np.nan]])) == [0.5, 0.5, None]


def columns(futures):
    """Weekly columns of futures in which the prescriber's hands are in use as `HANDS`, or half as much."""
    known = {
        "hands_on_minutes:prescriber": np.concatenate([HANDS * factor for factor in futures]),
        "nurse_minutes_present:prescriber": np.repeat(PRESENT, len(futures), axis=0),
        "nurse_minutes_rostered:prescriber": np.repeat(PRESENT, len(futures), axis=0),
        "cost:prescriber": np.repeat(PRESENT, len(futures), axis=0),
    }
    return lambda name: known.get(name, np.zeros((len(futures), 6)))


STARTS = [f"2026-01-{5 + 7 * week:02d}" for week in range(4)] + ["2026-02-02", "2026-02-09"]


def law(*futures):
    roles = by_role(CONSULTS, columns(futures), STARTS, band)
    return {"by_role": roles, "by_visit": by_visit(CONSULTS, columns(futures), band)}


def test_the_week_from_which_half_of_the_futures_are_short():
    short = law(1.0, 1.0, 0.5, 0.5)["by_role"]["prescriber"]
    # Over four weeks 0.675, 0.825 and 0.9 in half of the futures; three weeks and fewer are not judged.
    assert [each["short_probability"] for each in short["weeks"]] == [0.0, 0.0, 0.5, None, None, None]
    assert short["short_in_week"] == 2
    assert law(1.0, 0.5, 0.5)["by_role"]["prescriber"]["short_in_week"] is None
    assert short["total"]["hours"]["p50"] == pytest.approx(450 * 0.75 / 60)
    assert (short["first"]["p90"], short["last"]["p90"]) == (pytest.approx(0.675), pytest.approx(0.9))


def test_the_sentence_names_the_role_and_the_week():
    said = short_sentence(law(1.0))
    assert said.startswith("Short of time: prescriber from week 2 (2026-01-19) on. ")
    assert "at least 85 % of the time on duty" in said
    assert "(an assumed limit)" in said
    assert short_sentence(law(0.5)).startswith("Short of time: none. ")
    assert short_sentence({}) == ""
    [nurse, prescriber] = role_rows(law(1.0))
    assert nurse[0] == "nurse"
    assert prescriber == ("prescriber", "68", "90", "8", "10", "0", "600")
    assert [row[0] for row in type_rows(law(1.0))] == ["infusion", "consult"]


def test_infusions_are_visits_where_there_are_several_types():
    nothing = {name: band(np.zeros(2)) for name in ("induction",)}

    class Totals(dict):
        def __missing__(self, _name):
            return nothing["induction"]

    words = [label for label, *_ in totals({"total": Totals(), "by_visit": {}}, "USD")]
    assert "Treatments of series" in words
    assert "Infusions of series" in [label for label, *_ in totals({"total": Totals()}, "USD")]
