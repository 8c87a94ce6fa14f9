"""Appointments cancelled since a role is not rostered, in a clinic small enough to know each of them."""

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import measure
from simclinic.measures.kpis import figures_of, why_absent
from simclinic.scenario import load
from simclinic.studies.not_rostered import FIGURE, not_rostered_warning
from tests.model.small import clinic
from tests.model.small import simulated as run
from tests.studies.test_bookable import FIRST_ON_TUESDAYS

WEEKS = """
[run]
weeks = 40
[attendance]
no_show = {no_show}
[shifts.day]
days = ["mon", "tue"]
hours = "08:00-12:00"
nurses = 1
[shifts.doctor]
days = ["tue"]
hours = "08:00-10:00"
role = "prescriber"
number = 1
absence = {absence}
"""


def simulated(no_show=0.0, absence=0.0, **changes):
    """Two infusions each, on Mondays and Tuesdays; the first needs the prescriber, who is there on Tuesdays."""
    text = FIRST_ON_TUESDAYS.format(referrals=0.5) + "".join(changes.values())
    scenario = clinic(text, WEEKS.format(no_show=no_show, absence=absence))
    records = run(scenario)
    cancelled = records.visits["outcome"] == r.CLINIC_CANCELLED
    return records, np.count_nonzero(cancelled) / 40, measure(records, scenario).kpis


def test_an_infusion_that_becomes_the_first_is_cancelled_on_a_day_without_the_prescriber():
    """Nobody is ill: the clinic cancels second infusions, on Mondays, of patients who missed the first."""
    records, cancelled, kpis = simulated(no_show=0.5)
    assert kpis[FIGURE] == cancelled > 0
    away = records.visits["outcome"] == r.CLINIC_CANCELLED
    assert set(records.visits["number"][away]) == {1}
    assert {int(minute // r.DAY) % 7 for minute in records.visits["appointment"][away]} == {0}


def test_what_is_cancelled_because_somebody_is_ill_does_not_count():
    """On Tuesdays the prescriber is ill; Mondays are cancelled since the first infusion was not given before."""
    records, cancelled, kpis = simulated(absence=0.5)
    away = records.visits["appointment"][records.visits["outcome"] == r.CLINIC_CANCELLED]
    mondays = np.count_nonzero(away // r.DAY % 7 == 0)
    assert kpis[FIGURE] == mondays / 40
    assert 0 < mondays / 40 < cancelled


def test_only_clinics_where_some_infusions_alone_need_a_role_have_the_figure():
    first = load("scenarios/iv-and-esketamine.toml")
    every = load("scenarios/consult-days.toml")
    assert FIGURE in figures_of(first)
    assert FIGURE not in figures_of(every)
    assert "no role is needed at some infusions alone" in why_absent(FIGURE, every)


@pytest.mark.parametrize(("ci", "told"), [([0.5, 0.7], True), ([0.49, 0.7], False), (None, False)])
def test_it_is_said_where_it_is_shown_and_worth_it(ci, told):
    """Of 50 infusions a week: from one in a hundred on."""
    scenario = load("scenarios/iv-and-esketamine.toml")
    kpis = {FIGURE: {"mean": 0.6, "ci": ci, "n": 20}, "infusions_per_week": {"mean": 50.0}}
    said = not_rostered_warning(kpis, scenario)
    assert (said is not None) == told
    if said is not None:
        assert said.startswith("about 0.6 appointments a week, surely above 0.5, are cancelled by the clinic")
        assert "the one that needs prescriber, at a time" in said
    del kpis[FIGURE]
    assert not_rostered_warning(kpis, scenario) is None
