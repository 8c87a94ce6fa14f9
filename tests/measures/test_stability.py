"""What replications say together: intervals by the textbook, verdicts by the rule, both in plain words."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simclinic.measures import KPIS, Expected, judge, summarise
from simclinic.measures.evidence import evidence
from simclinic.measures.limits_broken import limits_broken
from simclinic.measures.stability import QUEUES, _percent, _up
from simclinic.scenario.targets import Targets

QUIET = dict.fromkeys(KPIS, 0.0) | {"series_started_per_week": 10.0, "balked_share": 0.01}
STEADY = np.full((30, 52), 20.0)


def rows(**columns):
    """Replications that differ in some figures."""
    count = len(next(iter(columns.values())))
    return [QUIET | {name: float(values[k]) for name, values in columns.items()} for k in range(count)]


# -- summaries ---------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_interval_is_student_s(values):
    result = summarise([{"margin_per_week": value} for value in values])["margin_per_week"]
    mean, sd, n = np.mean(values), np.std(values, ddof=1), len(values)
    assert result["mean"] == pytest.approx(mean)
    assert result["sd"] == pytest.approx(sd)
    half = stats.t.ppf(0.975, n - 1) * sd / math.sqrt(n)
    assert result["ci"] == pytest.approx([mean - half, mean + half], abs=1e-6)
    assert [result["p10"], result["p90"]] == pytest.approx(np.quantile(values, [0.1, 0.9]).tolist())
    assert result["n"] == n
    assert result["unit"] == "currency/week"


def test_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(5)
    samples = rng.normal(3.0, 2.0, (4000, 6))
    hits = 0
    for sample in samples:
        low, high = summarise([{"margin_per_week": value} for value in sample])["margin_per_week"]["ci"]
        hits += low <= 3.0 <= high
    # 95 % of 4000 with a standard error of 14
    assert abs(hits - 3800) < 4.1 * 13.8


def test_one_replication_has_no_spread():
    result = summarise([{"slot_fill": 0.5}])["slot_fill"]
    assert result == {
        "mean": 0.5, "sd": None, "ci": None, "p10": 0.5, "p90": 0.5, "n": 1, "unit": "share", "method": None,
        "coverage": None,
    }  # fmt: skip


def test_what_cannot_be_computed_is_left_out_and_counted():
    table = [{"slot_fill": value} for value in (0.4, math.nan, 0.6)]
    assert summarise(table)["slot_fill"]["n"] == 2
    assert summarise(table)["slot_fill"]["mean"] == pytest.approx(0.5)
    nothing = summarise([{"slot_fill": math.nan}] * 3)["slot_fill"]
    assert nothing == {
        "mean": None, "sd": None, "ci": None, "p10": None, "p90": None, "n": 0, "unit": "share", "method": None,
        "coverage": None,
    }  # fmt: skip


def test_summaries_are_json_without_nan_in_the_order_of_the_page():
    table = rows(slot_fill=[math.nan, math.nan, 0.5], balked_share=[0.1, 0.2, 0.3])
    result = summarise(table)
    assert list(result) == list(KPIS)
    json.dumps(result, allow_nan=False)


def test_no_replication_no_summary():
    assert summarise([]) == {}


# -- the verdict -------------------------------------------------------------------------------------------

FITS = Expected(asked=0.8, filled=0.94, level=20.0)


def verdict(table, boosters=None, expected=FITS, **targets):
    return judge(table, 52, expected=expected, boosters=boosters, targets=Targets(**targets))


def spread(mean, sd, n):
    """Values with exactly this mean and standard deviation."""
    values = np.linspace(-1, 1, n)
    return mean + sd * values / values.std(ddof=1)


def test_a_quiet_clinic_is_stable_and_says_what_is_shown():
    result = verdict([QUIET] * 30, STEADY)
    assert result.state == "stable"
    assert result.warnings == ()
    assert result.reasons[0] == "fewer than 1 % of new patients are turned away (the limit is 5 %)"
    assert "on paper patients ask for 80 % of what can start, once boosters are steady" in result.reasons


@pytest.mark.parametrize(
    ("asked", "message"),
    [(1.2, "120 % of"), (10.0, "1000 % of"), (735.6, "more than ten times"), (math.inf, "more than")],
)
def test_a_share_beyond_a_managers_numbers_is_said_as_a_person_would(asked, message):
    result = verdict([QUIET] * 30, STEADY, Expected(asked=asked, filled=0.94, level=20.0))
    assert any(f"patients ask for {message}" in reason for reason in result.reasons)


def test_none_turned_away_says_how_little_few_patients_show():
    """In 2 × 52 weeks of 0.25 series 26 begin: 3 / 26 is 11.5 %, and 3 / 0.05 = 60 take 5 replications."""
    none = QUIET | {"balked_share": 0.0, "series_started_per_week": 0.25}
    few = verdict([none] * 2).reasons
    assert few[0] == (
        "none of 26 new patients was turned away, which leaves up to 12 % (the limit is 5 %); "
        "about 5 replications would tell, or more weeks"
    )
    assert verdict([none] * 5).state == "stable"
    more = verdict([none] * 4).reasons
    assert more[0].startswith("none of 52 new patients was turned away, which leaves up to 5.8 % (")
    assert more[1] == "there are too few replications to call it stable, 4 of at least 5"
    rarer = [none | {"series_started_per_week": 0.05}] * 5
    assert "none of 13 new patients was turned away, which leaves up to 24 %" in verdict(rarer).reasons[0]
    assert "about 30 replications would tell" in verdict(rarer).reasons[0]  # 2.6 each: 24 of them, rounded up
    assert "(one replication; the limit is 5 %)" in verdict([none]).reasons[0]


def test_many_turned_away():
    result = verdict(rows(balked_share=np.linspace(0.40, 0.50, 30)))
    assert result.state == "not-stable"
    assert result.reasons == ("45 % of new patients are turned away (44 to 46 %; the limit is 5 %)",)


@pytest.mark.parametrize("queue", QUEUES)
def test_a_growing_queue(queue):
    result = verdict(rows(**{queue: np.linspace(2.5, 3.5, 30)}))
    assert result.state == "not-stable"
    assert result.reasons == (f"{QUEUES[queue]} is growing by 3 a week (2.9 to 3.1; the limit is 0.2)",)


def test_growth_is_measured_by_series_started():
    """The limit is 0.02 of the series started: 0.2 a week of 10, 0.16 of 8."""
    growth = spread(0.18, 0.01, 8)
    assert verdict(rows(backlog_growth_per_week=growth)).state == "stable"
    fewer = [row | {"series_started_per_week": 8.0} for row in rows(backlog_growth_per_week=growth)]
    assert verdict(fewer).state == "not-stable"


def test_a_limit_is_shown_to_be_kept_one_sided_at_95_percent():
    """Student by hand: with n = 6 the mean must lie 2.015 standard errors below the limit."""
    error = 0.01 / math.sqrt(6)
    just = stats.t.ppf(0.95, 5) * error
    assert verdict(rows(balked_share=spread(0.05 - 1.02 * just, 0.01, 6))).state == "stable"
    assert verdict(rows(balked_share=spread(0.05 - 0.98 * just, 0.01, 6))).state == "open"


def test_a_limit_is_shown_to_be_broken_by_holm_over_three_criteria():
    error = 0.01 / math.sqrt(6)
    just = stats.t.ppf(1 - 0.05 / 3, 5) * error
    assert verdict(rows(balked_share=spread(0.05 + 1.02 * just, 0.01, 6))).state == "not-stable"
    assert verdict(rows(balked_share=spread(0.05 + 0.98 * just, 0.01, 6))).state == "open"


def test_open_says_how_many_replications_would_tell():
    result = verdict(rows(balked_share=spread(0.04, 0.02, 6)))
    assert result.state == "open"
    (message,) = result.reasons
    # Student by hand: 0.01 away with a deviation of 0.02 takes 13 replications, in words 20
    assert message == (
        "4 % of new patients are turned away (1.9 to 6.1 %; the limit is 5 %); about 20 replications would tell, "
        "or more weeks"
    )


def test_none_turned_away_shows_what_its_count_shows():
    """Three in all who were not seen: of 100 patients it may be 3 %, of 50 it may be 6 %."""
    few = [QUIET | {"balked_share": 0.0, "series_started_per_week": 20 / 52}] * 5
    fewer = [QUIET | {"balked_share": 0.0, "series_started_per_week": 10 / 52}] * 5
    assert verdict(few).state == "stable"
    assert verdict(few).reasons[0].startswith("fewer than 3 % ")
    assert verdict(fewer).state == "open"


def test_a_queue_that_never_was_does_not_grow():
    nobody = [QUIET | {"series_started_per_week": 0.0, "balked_share": 0.0}] * 5
    assert verdict(nobody).state == "open"  # nobody was ready to begin, so nothing is known of that
    assert not any("queue" in message for message in verdict(nobody).reasons)
    assert "the queue for boosters stays empty" in verdict([QUIET] * 5).reasons


def test_few_replications_prove_little():
    assert verdict([QUIET] * 4).state == "open"
    assert verdict([QUIET] * 5).state == "stable"
    # one replication proves nothing, whatever it shows, unless paper does
    assert verdict(rows(balked_share=[0.9])).state == "open"
    assert verdict(rows(balked_share=[0.9]), expected=Expected(asked=1.3)).state == "not-stable"


@pytest.mark.parametrize(
    ("asked", "state"),
    [(0.95, "stable"), (0.96, "open"), (1.05, "open"), (1.06, "not-stable"), (math.inf, "not-stable")],
)
def test_what_is_asked_for_on_paper(asked, state):
    assert verdict([QUIET] * 30, expected=Expected(asked=asked, filled=0.95, level=20.0)).state == state


def test_a_programme_below_its_level_is_filling():
    low = Expected(asked=0.8, filled=0.78, level=17.38, would_do=220)
    result = verdict([QUIET] * 30, expected=low)
    assert result.state == "filling"
    (message,) = result.reasons
    assert message == (
        "the measured weeks have about 78 % of the boosters that come in the end, 17 a week; "
        "run.warm_up_weeks = 220 would be enough"
    )
    # what is shown to be broken comes first
    assert verdict(rows(balked_share=np.linspace(0.4, 0.5, 30)), expected=low).state == "not-stable"
    full = Expected(asked=1.02, filled=0.78, level=24.8, would_do=220)
    assert "what can start decides the level" in verdict([QUIET] * 30, expected=full).reasons[0]


def test_a_clinic_that_is_meant_to_change_is_judged_on_two_things():
    result = verdict([QUIET] * 30, boosters(5, 15), Expected(asked=3.0, filled=0.1, changing="it grows"))
    assert result.state == "stable"
    assert result.reasons[-1] == "judged on patients turned away and queues alone, since it grows"


def test_targets_decide():
    table = rows(balked_share=spread(0.07, 0.01, 10))
    assert verdict(table).state == "not-stable"
    assert verdict(table, balked_share="<= 10 %").state == "stable"
    growing = rows(backlog_growth_per_week=spread(0.5, 0.01, 10))
    assert verdict(growing, queue_growth="<= 0.1").state == "stable"


def test_nothing_known_is_open():
    result = verdict([dict.fromkeys(KPIS, math.nan)] * 5)
    assert result.state == "open"
    assert len(result.warnings) == len(KPIS)
    assert result.warnings[0] == (
        "access_days_mean cannot be computed: nobody had a first infusion in the measured weeks"
    )
    assert result.reasons[0].startswith("how many are turned away is not known: ")


def test_replications_left_out_are_counted():
    table = rows(slot_fill=[0.5, math.nan, 0.6])
    assert verdict(table).warnings == (
        "slot_fill could not be computed in 1 of 3 replications, which are left out: "
        + KPIS["slot_fill"].absent,
    )


NOBODY = {
    "infusions_per_week:spray": 0.0,
    "access_days_mean:spray": math.nan,
    "wait_minutes_mean:spray": math.nan,
    "balked_share:spray": math.nan,
    "chair_utilisation:room": 0.0,
    "waited_for_chair_minutes_mean:room": math.nan,
}
USED = dict.fromkeys(NOBODY, 1.0)


def test_a_type_of_visit_that_nobody_had_and_a_place_that_nobody_held_are_said_once_each():
    assert verdict([QUIET | NOBODY] * 5).warnings == (
        "no visit of the type 'spray' took place in the measured weeks, so its figures cannot be computed",
        "nobody was in the place 'room' in the measured weeks, so its figures cannot be computed",
    )
    # One visit in one replication is a visit.
    once = [QUIET | NOBODY] * 4 + [QUIET | NOBODY | {"infusions_per_week:spray": 0.25}]
    found = verdict(once).warnings
    assert "access_days_mean:spray cannot be computed: nobody had a first visit of this type" in found[1]
    assert len(found) == 4


def test_figures_of_a_rare_type_that_some_replications_lack_share_a_sentence():
    seldom = USED | {"access_days_mean:spray": math.nan, "wait_minutes_mean:spray": math.nan}
    found = verdict(
        [QUIET | seldom, QUIET | seldom | {"wait_minutes_mean:spray": 1.0}, QUIET | USED]
    ).warnings
    [said] = found
    assert said.startswith(
        "2 figures of spray could not be computed in up to 2 of 3 replications, which are left"
    )
    assert said.endswith(": nobody had a first visit of this type in the measured weeks")
    one = USED | {"access_days_mean:spray": math.nan}
    assert (
        verdict([QUIET | one, QUIET | USED])
        .warnings[0]
        .startswith("access_days_mean:spray could not be computed in 1 of 2 replications")
    )


def test_with_several_types_of_visit_the_waiting_list_is_for_a_first_treatment():
    growing = {"backlog_growth_per_week": 3.0}
    spread_out = [QUIET | {name: value + k / 100 for name, value in growing.items()} for k in range(9)]
    assert "waiting list for a first infusion is" in verdict(spread_out).reasons[0]
    assert "waiting list for a first treatment is" in verdict([each | USED for each in spread_out]).reasons[0]


# -- boosters still rising ---------------------------------------------------------------------------------


def boosters(first, last, replications=30, weeks=52, seed=1):
    level = np.linspace(first, last, weeks)
    return np.random.default_rng(seed).poisson(level, (replications, weeks))


@pytest.mark.parametrize(("first", "last", "way"), [(5, 15, "rise"), (15, 5, "fall")])
def test_boosters_that_change_contradict_a_level(first, last, way):
    result = verdict([QUIET] * 30, boosters(first, last))
    assert result.state == "filling"
    assert result.reasons[0].startswith(f"boosters per week {way} by ")


def test_a_drift_must_be_shown_to_be_more_than_a_little():
    # over the 52 weeks a line rises by 52/51 of the difference of its ends
    exact = np.tile(np.linspace(20.0, 20.9, 52), (30, 1))
    assert verdict([QUIET] * 30, exact).state == "stable"
    exact = np.tile(np.linspace(20.0, 21.5, 52), (30, 1))
    assert verdict([QUIET] * 30, exact).state == "filling"
    # the same rise, but chance might have made it
    assert verdict([QUIET] * 30, boosters(20.0, 21.5)).state == "stable"


def test_chance_is_rarely_taken_for_a_trend():
    alarms = sum(verdict([QUIET] * 10, boosters(10, 10, 10, seed=k)).state != "stable" for k in range(400))
    assert alarms < 0.05 * 400 + 4.1 * 4.4


@pytest.mark.parametrize("shape", [(0, 52), (5, 1), (1, 1), (1, 2), (5, 0)])
def test_too_little_to_see_a_trend(shape):
    assert verdict([QUIET] * 5, np.arange(np.prod(shape)).reshape(shape)).state == "stable"


# -- futures -----------------------------------------------------------------------------------------------


def test_futures_that_break_a_limit_are_counted():
    columns = {
        "balked_share": np.array([0.0, 0.04, 0.06, np.nan]),
        "series_started_per_week": np.full(4, 10.0),
        "backlog_growth_per_week": np.array([0.19, 0.21, 0.5, 0.0]),
        "booster_backlog_growth_per_week": np.full(4, -1.0),
        "overtime_day_share": np.array([0.05, 0.11, 0.12, 0.2]),
        "started_on_time_share": np.full(4, np.nan),
    }
    assert limits_broken(columns, Targets()) == {
        "balked_share": 1 / 3,
        "backlog_growth_per_week": 0.5,
        "booster_backlog_growth_per_week": 0.0,
        "overtime_day_share": 0.75,
        "started_on_time_share": None,
    }
    assert limits_broken({}, Targets()) == {}


# -- wrong verdicts are rare -------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [5, 10, 40])
def test_a_clinic_just_at_a_limit_is_rarely_called_stable_or_unstable(n):
    rng = np.random.default_rng(n)
    states = [verdict(rows(balked_share=rng.normal(0.05, 0.02, n))).state for _ in range(1000)]
    assert states.count("stable") < 50 + 4.1 * 7
    assert states.count("not-stable") < 50 + 4.1 * 7


def test_the_error_of_pilot_runs_is_in_every_bound():
    """Of a steady start: what the pilots leave open, more replications do not show."""
    many = rows(balked_share=[0.08, 0.09, 0.07] * 20)
    sure = judge(many, 52, expected=Expected(level=20.0), boosters=STEADY)
    assert sure.state == "not-stable"
    unsure = judge(
        many,
        52,
        expected=Expected(level=20.0),
        boosters=STEADY,
        effects={"balked_share": (0.1, -0.1, 0.05, -0.05)},
    )
    assert unsure.state == "open"
    quiet = rows(balked_share=[0.0] * 30)
    assert judge(quiet, 52, expected=Expected(level=20.0), boosters=STEADY).state == "stable"
    spread = {"balked_share": (0.1, -0.1, 0.05, -0.05)}
    assert judge(quiet, 52, expected=Expected(level=20.0), boosters=STEADY, effects=spread).state == "open"


def test_a_bound_has_both_errors_as_the_root_of_their_squares():
    values, effects = np.array([1.0, 2.0, 4.0, 3.0]), (0.3, -0.1, -0.2)
    plain, wider = evidence(values), evidence(values, effects=effects)
    shared = stats.t.ppf(0.95, 2) * np.std(effects, ddof=1) / np.sqrt(3)
    assert wider.upper - wider.mean == pytest.approx(np.hypot(plain.upper - plain.mean, shared))
    # a limit at the bound is the one that is just shown
    assert wider.p_above(wider.lower) == pytest.approx(0.05)
    assert plain.p_above(plain.lower) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0 %"),
        (0.000001, "0.01 %"),
        (0.000045, "0.01 %"),
        (0.0001, "0.01 %"),
        (0.000101, "0.011 %"),
        (0.0123, "1.3 %"),
    ],
)
def test_a_bound_of_a_share_is_said_as_a_person_would_and_stays_one(share, said):
    assert _percent(_up(share)) == said
    assert float(said.removesuffix(" %")) >= 100 * share


def test_a_share_that_nobody_would_say_is_less_than_one():
    assert [_percent(share) for share in (0.000032, 0.00012, 0.5)] == ["less than 0.01 %", "0.012 %", "50 %"]
