"""What is lost by separate starts, in weeks that can be followed by hand."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from simclinic import records as r
from simclinic.measures import KPIS, measure
from simclinic.measures.kpis import figures_of, why_absent
from simclinic.measures.separate_starts import followed_weeks
from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.results.document import no_figure
from simclinic.sampling import draw
from simclinic.scenario import baseline
from simclinic.studies.separate_starts import separate_starts_warning
from tests.model.small import clinic, simulated
from tests.model.test_typed_starts_on_paper import TUESDAYS, TWO
from tests.properties.wider import wider_clinics

FIGURES = ("patients", "turned_away", "chair_minutes")
FEW = """
[run]
weeks = 6
[booking]
patience_days = 14
[targets]
access_days_p90 = "<= 7"
"""


def scenario(wanted, *texts, at=None):
    """A clinic in which patients ask on the first Monday from noon on, a minute apart."""
    moments = [(0, 720 + place) for place in range(len(wanted))] if at is None else at
    return clinic(TWO, TUESDAYS, FEW, *texts, referrals=moments)


def tables(wanted, *texts, at=None):
    """Tables of a clinic in which they ask for these types of visit."""
    asked = scenario(wanted, *texts, at=at)
    names = [protocol.visit for protocol in asked.protocols.values()]
    for seed in range(4000):
        draws = draw(asked, seed, 0)
        if [names[code] for code in draws.protocol.tolist()] == list(wanted):
            return simulate(asked, draws), asked
    raise AssertionError("no seed has such draws")


def lost(wanted, *texts, at=None, change=None):
    """Count patients lost, those of them turned away, and chair-minutes, over the followed weeks."""
    found, asked = tables(wanted, *texts, at=at)
    if change is not None:
        change(found)
    kpis, weeks = measure(found, asked).kpis, followed_weeks(asked, 7 * asked.run.weeks)
    whole = sum(kpis[f"separate_starts_patients_per_week:{kind}"] for kind in found.visit_types)
    assert whole == pytest.approx(kpis["separate_starts_patients_per_week"])
    return tuple(round(kpis[f"separate_starts_{name}_per_week"] * weeks, 6) for name in FIGURES)


# On Tuesdays there is a start for a long visit (two hours) at ten, and four for short ones (half an hour) from
# eight on. A first visit a week and a day after the referral is late.


def test_a_patient_booked_late_is_lost_if_starts_of_another_type_stay_empty():
    assert lost(("long",)) == (0, 0, 0)
    # The second waits until the second Tuesday, though nobody comes before ten on the first.
    assert lost(("long", "long")) == (1, 0, 120)
    # The fifth short visit would have fitted at ten.
    assert lost(("short",) * 4) == (0, 0, 0)
    assert lost(("short",) * 5) == (1, 0, 30)


def test_a_patient_turned_away_is_lost_if_starts_of_another_type_stay_empty():
    # The third would wait for 15 days, and goes elsewhere; the second Tuesday is empty before ten.
    assert lost(("long", "long", "long")) == (2, 1, 240)
    # After six days of patience no other day is left than the first Tuesday, and it has room for one.
    assert lost(("long", "long", "long"), "[booking]\npatience_days = 6") == (1, 1, 120)


def test_nobody_is_lost_who_is_in_time():
    def change(found):
        found.patients["first_infusion"][1] = r.DAY + 480.0  # moved to the first Tuesday later on

    assert lost(("long", "long"), change=change) == (0, 0, 0)
    assert lost(("long", "long"), '[targets]\naccess_days_p90 = "<= 8"') == (0, 0, 0)
    assert lost(("long", "long"), '[targets.visits.long]\naccess_days_p90 = "<= 8"') == (0, 0, 0)
    assert lost(("long", "long"), '[targets.visits.short]\naccess_days_p90 = "<= 8"') == (1, 0, 120)


def test_a_start_that_somebody_has_later_is_not_unused():
    # Cy asks after Bea and comes at eight, so two hours from eight on were never free for her; from 08:30 on her
    # visit would meet Ann's at ten. Dan, who is turned away, could have come on the second Tuesday.
    assert lost(("long", "long", "short", "long")) == (1, 1, 120)


def test_no_start_counts_twice():
    assert lost(("short",) * 6) == (1, 0, 30)
    assert lost(("short",) * 6, "[clinic]\nchairs = 2") == (1, 0, 30)
    # On both Tuesdays within her patience the fourth finds what the third has taken.
    assert lost(("long",) * 4) == (2, 1, 240)


@pytest.mark.parametrize(("given_up", "expected"), [(721.5, (1, 0, 120)), (722.5, (0, 0, 0))])
@pytest.mark.parametrize("outcome", [r.CANCELLED, r.RELEASED, r.MOVED])
def test_an_appointment_given_up_before_the_answer_holds_nothing(outcome, given_up, expected):
    # Bea gets her short visit at eight at 12:01, and Cy asks for a long one at 12:02.
    def change(found):
        visits = found.visits
        assert visits["appointment"][1] == r.DAY + 480
        visits["outcome"][1], visits["decided"][1] = outcome, given_up

    assert lost(("long", "short", "long"), change=change) == expected


def test_a_no_show_has_used_the_start():
    def change(found):
        found.visits["outcome"][1], found.visits["decided"][1] = r.NO_SHOW, r.DAY + 480

    assert lost(("long", "short", "long"), change=change) == (0, 0, 0)


def test_the_notice_holds():
    # Two patients ask on Sunday, and the desk answers on Monday at eight. Ann gets Tuesday. On Monday two hours
    # would fit from half past eight on.
    listed = """
    [booking.starts]
    mon = [{ at = "08:30", visit = "short" }]
    tue = [{ at = "10:00", visit = "long" }]
    """
    assert lost(("long", "long"), listed, at=[(6, 720), (6, 721)]) == (1, 0, 120)
    assert lost(("long", "long"), listed, "[booking]\nnotice_days = 1", at=[(6, 720), (6, 721)]) == (0, 0, 0)


def test_the_gaps_hold():
    # Ann has the first two Tuesdays, Bea would have the next two; before ten the first two are empty.
    assert lost(("long", "long"), SERIES.format(7)) == (1, 1, 240)
    # With gaps of six days there is no second date for anybody: the clinic treats on Tuesdays.
    assert lost(("long", "long"), SERIES.format(6)) == (0, 0, 0)


def test_minutes_are_those_in_starts_of_other_types():
    # Ann gives up her second date before Bea asks: that is a long start.
    def change(found):
        assert found.visits["appointment"][1] == 8 * r.DAY + 600
        found.visits["outcome"][1], found.visits["decided"][1] = r.RELEASED, 720.5

    assert lost(("long", "long"), SERIES.format(7), change=change) == (1, 1, 120)


SERIES = """
[run]
weeks = 8
[protocols.slow]
infusions = 2
visit = "long"
gap_days = [{0}, {0}]
permitted_gap_days = [{0}, {0}]
[protocols.quick]
infusions = 1
visit = "short"
"""


def test_a_converted_visit_uses_starts_up():
    # Bea's long visit is at eight, and uses up the other short starts. A talk is in a room, and would fit at
    # those starts, but the second patient with one is not offered them.
    talk = """
    [booking]
    convert_days = 1
    [booking.starts]
    mon = []
    tue = [
        { at = "10:00", visit = "long" }, { at = "13:00", visit = "talk" },
        { at = "08:00", visit = "short" }, { at = "08:30", visit = "short" },
    ]
    [demand.protocol_mix]
    slow = 0.4
    quick = 0.1
    talks = 0.5
    [protocols.slow]
    infusions = 1
    visit = "long"
    [protocols.quick]
    infusions = 1
    visit = "short"
    [protocols.talks]
    infusions = 1
    visit = "talk"
    [visits.talk.steps.treatment]
    minutes = 30
    place = "room"
    [places.room]
    number = 1
    """
    assert lost(("long", "long", "talk", "talk"), talk) == (0, 0, 0)
    assert lost(("long", "talk", "talk"), talk.replace("convert_days = 1", "")) == (1, 0, 0)


@pytest.mark.parametrize(
    "rule", ["max_series_starts_per_week = 1", "booster_reserve = 0.8\nrelease_days = 0", "convert_days = 84"]
)
def test_what_another_rule_keeps_is_not_lost_to_separate_starts(rule):
    assert lost(("long", "long"), f"[booking]\n{rule}") == (0, 0, 0)


def test_the_visit_must_fit_beside_the_others():
    # With visits of 121 minutes the second does not end before the one at ten begins.
    longer = "[visits.long.steps.treatment]\nminutes = 121"
    assert lost(("long", "long"), longer) == (0, 0, 0)


def test_boosters_that_come_late_are_lost_too():
    # Ann relapses on day 11. On day 14, when the clinic opens, the third Tuesday is Cy's, who asked on day 7 and
    # was booked late though the second Tuesday was empty before ten. Ann comes on day 22, 11 days after she asked.
    programme = "[response]\nprobability = 1.0"
    asked = [(0, 720), (7, 720), (7, 721)]
    assert lost(("long", "long", "long"), programme, at=asked) == (2, 0, 240)
    assert lost(("long", "long", "long"), programme, '[targets]\nbooster_wait_days = "<= 11"', at=asked) == (
        1,
        0,
        120,
    )


def test_weeks_are_followed_as_long_as_their_dates_are_simulated():
    # Dates lie at most 14 days after an answer. Six weeks less these and that day are three weeks and six days.
    assert followed_weeks(scenario(()), 42) == 3
    assert followed_weeks(scenario(()), 43) == 4
    assert followed_weeks(scenario((), "[run]\nweeks = 2"), 43) == 2
    kpis = measure(*tables(("long",), "[run]\nweeks = 2")).kpis
    assert math.isnan(kpis["separate_starts_patients_per_week"])


def test_a_simulation_in_parts_counts_each_part_by_itself():
    weeks = "[run]\nweeks = {}"
    found, asked = tables(("long", "long"), weeks.format(10), at=[(21, 720), (21, 721)])
    name, timetable = "separate_starts_patients_per_week", Timetable(asked)
    assert measure(found, asked).kpis[name] == pytest.approx(
        1 / 7
    )  # the seventh week ends 21 days before the end
    assert measure(found.part(3, 7), scenario((), weeks.format(7)), timetable).kpis[name] == 1 / 4
    assert measure(found.part(4, 6), scenario((), weeks.format(6)), timetable).kpis[name] == 0


def test_only_clinics_with_separate_starts_have_the_figures():
    name = "separate_starts_patients_per_week"
    assert name not in figures_of(baseline())
    assert name in figures_of(scenario(()))
    assert name not in figures_of(scenario((), '[booking]\ntypes = "open"\nstarts = {}'))
    assert "its starts are not each for one of several types" in why_absent(name, baseline())
    assert KPIS[name].unit == "patients/week"


def figure(mean, ci):
    return {**no_figure("separate_starts_patients_per_week"), "mean": mean, "ci": ci}


def said(lost, ci, away, *texts):
    figures = (figure(lost, ci), figure(away, None), figure(312.4, None))
    kpis = {f"separate_starts_{name}_per_week": each for name, each in zip(FIGURES, figures, strict=True)}
    return separate_starts_warning(kpis, scenario((), *texts))


def test_the_sentence_says_what_is_shown():
    sentence = said(2.04, [1.61, 2.47], 0.52)
    assert sentence.startswith(
        "separate starts cost about 2 patients a week, surely above 1.6 (0.52 turned away, the others booked late)"
    )
    assert "310 chair-minutes a week" in sentence
    assert "A booking.convert_days, or" in sentence
    assert "A larger booking.convert_days, or" in said(2.04, [1.61, 2.47], 0.0, "[booking]\nconvert_days = 1")
    assert said(0.4, [0.0, 0.9], 0.0) is None  # it may be none
    assert said(0.0, [0.0, 0.01], 0.0) is None
    assert said(None, None, None) is None
    assert separate_starts_warning({}, baseline()) is None


QUICK = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def nothing_is_lost(asked):
    if asked.simple or len(asked.visit_types) < 2:
        return
    kpis = measure(simulated(asked, asked.run.seed), asked).kpis
    values = [value for name, value in kpis.items() if name.startswith("separate_starts")]
    assert values
    assert not np.nansum(values)


@QUICK
@given(wider_clinics(types="typed", convert_days=365))
def test_nothing_is_lost_where_every_free_start_may_serve_any_type(asked):
    nothing_is_lost(asked)


@pytest.mark.long
@settings(QUICK, max_examples=1000, derandomize=False)
@given(wider_clinics(types="typed", convert_days=365))
def test_nothing_is_lost_where_every_free_start_may_serve_any_type_many_times(asked):
    nothing_is_lost(asked)


CONSULTS = """
[intake]
visit = "consult"
accepts = 0.0
[booking]
types = "typed"
notice_days = 1
[booking.starts]
mon = []
tue = [{ at = "08:00", visit = "consult" }, { at = "10:00", visit = "infusion" }]
wed = []
thu = []
fri = []
[visits.consult.steps.talk]
minutes = 60
"""


@pytest.mark.parametrize(
    ("patients", "expected"),
    # Bea's consult is on the second Tuesday, and that is late; Cy, who would have to wait for the third, leaves.
    # The start at ten stays unused on the first two.
    [(1, (0, 0, 0)), (2, (1, 0, 60)), (3, (2, 1, 120))],
)
def test_consults_are_lost_like_series(patients, expected):
    moments = [(0, 720 + place) for place in range(patients)]
    asked = clinic(FEW, CONSULTS, referrals=moments)
    found = simulate(asked, draw(asked, 1, 0))
    kpis, weeks = measure(found, asked).kpis, followed_weeks(asked, 7 * asked.run.weeks)
    assert tuple(round(kpis[f"separate_starts_{name}_per_week"] * weeks, 6) for name in FIGURES) == expected
    assert kpis["separate_starts_patients_per_week:consult"] == kpis["separate_starts_patients_per_week"]
    # With two days of notice nobody could come on the first Tuesday, and the start at ten of the second is one.
    later = clinic(FEW, CONSULTS, "[booking]\nnotice_days = 2", referrals=moments)
    kpis = measure(simulate(later, draw(later, 1, 0)), later).kpis
    assert kpis["separate_starts_patients_per_week"] * weeks == pytest.approx(min(patients - 1, 1))
