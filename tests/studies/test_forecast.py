"""Bands and probabilities of weeks from tables made by hand."""

import datetime as dt

import numpy as np
import pytest

from benchmarks.forecast import seconds
from simclinic.report.pages.forecast import is_calm
from simclinic.report.text.forecast import earlier_requests_sentence, full_sentence
from simclinic.scenario import baseline, from_toml, with_overrides
from simclinic.scenario.panel import Panel, PanelPatient
from simclinic.scenario.tables import as_tables
from simclinic.studies.forecast import (
    EVIDENCE,
    RelapseCase,
    _futures,
    band,
    calibrated,
    from_today,
    last_day,
    late_changes,
    laws,
)
from simclinic.studies.overbooking import overbooking_warnings
from simclinic.studies.today import panel_warnings

WEEKS = 4
SCENARIO = with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=0", f"run.weeks={WEEKS}"])
LAW = RelapseCase("by hand", SCENARIO)
ZERO = (
    "booster_requests",
    "booster_requests_from_panel",
    "boosters",
    "induction",
    "starts",
    "waiting_for_series",
    "waiting_for_booster",
    "ketamine_mg",
    "revenue",
    "margin",
    "hands_on_minutes",
    "watch_nurse_minutes",
    "nurse_minutes_rostered",
    "booster_requests_before",
    "starts_used",
    "asked",
    "not_served",
    "asked_ahead",
    "not_served_ahead",
    "starts_ahead",
    "starts_used_ahead",
)


def weekly(**columns):
    """Make a weekly table; each column has a list of weeks for each of the futures."""
    futures = len(next(iter(columns.values())))
    table = {name: np.zeros(futures * WEEKS) for name in ZERO}
    table |= {name: np.array(values, dtype=float).ravel() for name, values in columns.items()}
    return table


def test_a_band_of_futures():
    result = band(np.arange(11.0))
    assert (result["p10"], result["p50"], result["p90"], result["mean"]) == (1.0, 5.0, 9.0, 5.0)
    # Student's interval of eleven: 5 ± 2.228 × √11 / √11
    assert result["ci"] == pytest.approx([5 - 2.2281, 5 + 2.2281], abs=1e-4)


def test_bands_of_one_and_of_none():
    assert band(np.array([3.0])) == {"p10": 3.0, "p50": 3.0, "p90": 3.0, "mean": 3.0, "ci": None}
    assert set(band(np.array([])).values()) == {None}


def test_each_week_has_its_own_futures():
    table = weekly(
        booster_requests=[[5, 1, 0, 2], [7, 3, 0, 2], [9, 5, 0, 2]],
        booster_requests_from_panel=[[5, 0, 0, 1], [6, 1, 0, 1], [7, 2, 0, 1]],
        hands_on_minutes=[[60, 0, 0, 0], [120, 0, 0, 0], [180, 0, 0, 0]],
        watch_nurse_minutes=[[30, 0, 0, 0]] * 3,
        nurse_minutes_rostered=[[6000, 0, 0, 0]] * 3,
    )
    result = _futures(LAW, table)
    first, second = result["weeks"][:2]
    assert [first["booster_requests"][key] for key in ("p10", "p50", "p90")] == [5.4, 7.0, 8.6]
    assert first["from_panel"]["mean"] == 6.0
    assert first["from_new"]["mean"] == 1.0
    assert second["booster_requests"]["p50"] == 3.0
    assert first["nurse_hours"]["p50"] == 2.5
    assert first["nurse_hours_rostered"]["p50"] == 100.0
    assert (first["start"], second["start"]) == ("2026-01-05", "2026-01-12")
    # Of all weeks: 8, 12, 16 asked for; the futures are added up before they are ranked.
    assert [result["total"]["booster_requests"][key] for key in ("p10", "p50", "p90")] == pytest.approx(
        [8.8, 12, 15.2]
    )
    assert result["n"] == 3


def of_futures(*not_served, used=0.0):
    """Foretell futures in which so many of 100 who ask over a week and the 12 after are not served in time."""
    many = len(not_served)
    return _futures(
        LAW,
        weekly(
            not_served_ahead=not_served,
            asked_ahead=[[100] * WEEKS] * many,
            starts_ahead=[[130] * WEEKS] * many,
            starts_used_ahead=[[used] * WEEKS] * many,
        ),
    )


NEVER = [0, 0, 0, 0]


def test_a_week_is_full_if_more_than_one_in_twenty_who_ask_is_not_served_in_time():
    result = of_futures([5, 5, 6, 0], [0, 6, 6, 6], [6, 0, 0, 0], NEVER)
    assert [week["full_probability"] for week in result["weeks"]] == [0.25, 0.25, 0.5, 0.25]
    assert [week["full_by_probability"] for week in result["weeks"]] == [0.25, 0.5, 0.75, 0.75]
    assert result["full_from"]["full"] == 3
    assert result["full_from"]["full_at_end"] == 1


def test_visits_that_did_not_take_place_have_used_their_starts():
    # Nobody is turned away, and every start is given away, whatever became of it.
    assert [week["full_probability"] for week in of_futures(NEVER, used=130)["weeks"]] == [1.0] * WEEKS
    assert [week["full_probability"] for week in of_futures(NEVER, used=129)["weeks"]] == [0.0] * WEEKS


def test_a_future_that_is_never_full_is_later_than_all_weeks():
    result = of_futures([6, 0, 0, 0], [0, 6, 0, 0], NEVER, NEVER, NEVER)
    assert result["full_in_week"] is None  # the middle one of five is later
    result = of_futures([6, 0, 0, 0], [0, 6, 0, 0], [0, 0, 0, 6], NEVER, NEVER)
    assert result["full_in_week"] == 3
    assert result["full_from"]["middle"] == {"week": 3, "start": "2026-01-26"}


def test_no_future_is_not_known():
    result = _futures(LAW, {})
    assert result["full_in_week"] is None
    assert [week["full_probability"] for week in result["weeks"]] == [None] * WEEKS
    assert full_sentence(result) == "by hand: not known: no future was finished"


def test_what_had_been_asked_for_before_is_in_no_weeks_requests():
    table = weekly(
        booster_requests=[[5, 4, 4, 4], [7, 4, 4, 4]],
        booster_requests_from_panel=[[5, 0, 0, 0], [6, 0, 0, 0]],
        booster_requests_before=[[2, 0, 0, 0], [4, 0, 0, 0]],
    )
    result = _futures(LAW, table)
    first = result["weeks"][0]
    assert first["booster_requests"]["mean"] == 6.0
    assert first["booster_requests_before"]["p50"] == 3.0
    assert result["total"]["booster_requests_before"]["mean"] == 3.0
    sentence = earlier_requests_sentence(result)
    assert sentence is not None
    assert sentence.startswith("before 2026-01-05: 3 (2–4) boosters that were asked for")
    assert earlier_requests_sentence(_futures(LAW, weekly(booster_requests=[[5, 4, 4, 4]]))) is None


@pytest.mark.parametrize(("late", "warned"), [(15, False), (16, True), (7000, True)])
def test_an_old_list_of_patients_is_told(late, warned):
    last = dt.date(2025, 12, 30)
    panel = Panel((PanelPatient(2, "maintained", "twice-weekly", 6, 0, None, last, None),))
    result = " ".join(panel_warnings(last + dt.timedelta(days=late), panel))
    assert bool(result) is warned
    if warned:
        assert f"in the {late - 1:,} days before" in result
        assert "the last is 2025-12-30" in result


# -- which clinics are simulated -------------------------------------------------------------------------------


def test_the_laws_of_the_evidence_stand_beside_the_own():
    assert [law.name for law in laws(SCENARIO)] == list(EVIDENCE)
    assert laws(SCENARIO)[0].scenario is SCENARIO
    for law in laws(SCENARIO)[1:]:
        assert law.scenario.relapse.days == EVIDENCE[law.name]
        assert (
            with_overrides(law.scenario, ['relapse.days={dist="lognormal", mu=2.70, sigma=0.63, never=0.20}'])
            == SCENARIO
        )
    assert [law.name for law in laws(SCENARIO, own_law=True)] == ["relapse as in the trials"]
    assert len(laws(with_overrides(SCENARIO, ["relapse.days=9"]))) == 3


@pytest.mark.parametrize(("setting", "is_one"), [("relapse.days.mu", True), ("attendance.no_show", False)])
def test_a_clinic_is_calibrated_if_its_relapse_law_was_fitted(setting, is_one):
    scenario = from_toml(
        f'name = "x"\n[uncertainty.fit]\nsettings = ["{setting}"]\nscale = ["identity"]\ncovariance = [[0.0001]]\n'
    )
    assert calibrated(scenario) == is_one
    assert len(laws(scenario)) == (1 if is_one else 2)


def someone(**more):
    row = {
        "key": 1,
        "stage": "maintained",
        "protocol": "twice-weekly",
        "infusions_done": 6,
        "boosters_done": 0,
        "referred_on": None,
        "last_infusion_on": dt.date(2026, 3, 1),
        "next_appointment": None,
    }
    return PanelPatient(**row | more)


def test_from_today_keeps_everything_but_the_run():
    grows = with_overrides(baseline(), ["demand.growth_per_year=0.2", "run.seed=5"])
    result = from_today(grows, Panel((someone(),)), weeks=8, replications=7)
    assert (result.run.start, result.run.warm_up_weeks, result.run.weeks) == (dt.date(2026, 3, 2), 0, 8)
    assert (result.run.replications, result.run.seed) == (7, 5)
    assert result.demand.growth_from == grows.run.start
    there, here = as_tables(result), as_tables(grows)
    del there["run"], here["run"], there["demand"]["growth_from"]
    assert there == here
    kept = from_today(with_overrides(grows, ["demand.growth_from=2020-01-01"]), Panel(()))
    assert kept.demand.growth_from == dt.date(2020, 1, 1)


def test_a_change_after_the_last_week_is_named():
    own = [
        'changes."2026-03-01"={"clinic.chairs"=4, "demand.referrals_per_week"=9}',
        'changes."2026-02-28"={"clinic.chairs"=5}',
    ]
    clinic = with_overrides(baseline(), own)
    begun = from_today(clinic, Panel(()), weeks=4, as_of=dt.date(2026, 2, 1))
    assert last_day(begun) == dt.date(2026, 2, 28)
    (named,) = late_changes(begun)
    assert named == (
        "no week of this forecast shows the change on 2026-03-01 of clinic.chairs, "
        "demand.referrals_per_week: the last one ends on 2026-02-28"
    )
    assert list(late_changes(from_today(clinic, Panel(()), weeks=5, as_of=dt.date(2026, 2, 1)))) == []


@pytest.mark.parametrize(
    ("full", "verdict", "day", "good"),
    [
        (0, "stable", "holds", True),
        (0, "open", "open", True),
        (0, "not-stable", "holds", None),
        (0, "stable", "does-not-hold", None),
        (50, "stable", "holds", None),
        (100, "stable", "holds", False),
    ],
)
def test_a_forecast_is_good_news_only_if_no_limit_breaks(full, verdict, day, good):
    law = {"full_from": {"futures": 100, "full": full}, "verdict": verdict, "day_verdict": day}
    calm = {"full_from": {"futures": 100, "full": 0}, "verdict": "stable", "day_verdict": "holds"}
    assert is_calm({"laws": [calm, law]}) is good


def test_promises_are_held_against_the_plan():
    day = dt.date(2026, 1, 6)

    def warnings_of(*ahead, more=()):
        scenario = with_overrides(SCENARIO, more)
        return list(
            overbooking_warnings(scenario, Panel(tuple(someone(next_appointment=each) for each in ahead)))
        )

    assert warnings_of(*[day] * 12) == []
    (one,) = warnings_of(*[day] * 12, dt.datetime(2026, 1, 6, 9, 30))
    assert "13 for 12 starts on 2026-01-06." in one
    assert warnings_of(*[day] * 13, more=['booking.mode="walk-in"']) == []
    (many,) = warnings_of(*(dt.date(2026, 1, 10) + dt.timedelta(weeks=k) for k in range(7)))
    assert many.count("1 for no starts") == 5
    assert "and 2 more days" in many
    (beyond,) = warnings_of(dt.date(2027, 1, 6))
    assert beyond.startswith("1 appointments of the panel lie after the simulated weeks")


def test_a_forecast_is_quick():
    """Twenty futures of half a year; `python -m benchmarks forecast` measures five hundred, which take seconds."""
    assert seconds(futures=20, workers=1) < 20.0
