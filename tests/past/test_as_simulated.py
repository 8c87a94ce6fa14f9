"""Where nobody competes, the past that is computed is the past that is simulated, patient by patient.

All visits begin at noon, and there are chairs enough. A clinic that began empty as many weeks before then has the
same patients in the same states: the model, with its clock and its desk, is the other way to the same dates.
"""

import numpy as np
import pytest

from simclinic.experiment.replication import Prepared, replay
from simclinic.records import BOOSTER, COMPLETED, CONSULT, DAY, INDUCTION, TO_COME
from tests.model.small import clinic

PAST = 60
CLINIC = """
[run]
weeks = 10
[clinic]
chairs = 40
[booking.starts]
"""
NOON = ", ".join(['"12:00"'] * 40)
CLINIC += "".join(f"{day} = [{NOON}]\n" for day in ("mon", "tue", "wed", "thu", "fri"))
CLINIC += """
[booking]
notice_days = 2
booster_notice_days = 1
[demand]
referrals_per_week = 9
[demand.protocol_mix]
thrice = 0.6
once = 0.4
[protocols.once]
infusions = 1
gap_days = [3, 5]
[protocols.thrice]
infusions = 4
gap_days = [2, 3]
permitted_gap_days = [1, 5]
[intake]
contraindicated = 0.1
consult_no_show = 0.1
accepts = 0.8
days_to_consult = { dist = "gamma", mean = 4, cv = 0.5 }
days_to_decide = { dist = "exponential", mean = 2 }
[attendance]
no_show = 0.12
late_cancel = 0.1
cancel_notice_days = 1
rebooks = 0.9
rebooks_booster = 0.7
[response]
probability = 0.8
drop_out = [0.05]
[relapse]
days = { dist = "lognormal", median = 20, sigma = 0.7, never = 0.1 }
follow_up_days = 120
[boosters]
uptake = 0.8
attrition = 0.1
self_report = 0.5
check_in_days = 5
days = { dist = "lognormal", median = 25, sigma = 0.5 }
"""
HOLIDAYS = "[clinic]\nclosed_on = [2025-12-24, 2025-12-25, 2025-12-26, 2025-11-17, 2025-09-01]\n"
NOON_OPEN = "".join(
    f'{day} = ["08:00-09:00", "11:30-14:00", "15:00-17:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri")
)
PAUSES = f"[clinic.hours]\n{NOON_OPEN}"
"""Patients whose relapse is noticed in a pause are answered when it ends."""
DRAWN = '{ dist = "uniform", low = 3, high = 5 }'
CASES = {
    "as needed": "",
    "scheduled": '[boosters]\npolicy = "scheduled"\nevery_weeks = [2, 3, 5]\n',
    "drawn intervals": f'[boosters]\npolicy = "scheduled"\nevery_weeks = [2, {DRAWN}]\n',
    "pauses": PAUSES,
    "pauses, both": f'{PAUSES}[boosters]\npolicy = "both"\nevery_weeks = 4\n',
    "both": '[boosters]\npolicy = "both"\nevery_weeks = 4\n',
    "rolling": '[booking]\nseries = "rolling"\n',
    "holidays": HOLIDAYS,
    "two infusions a booster": "[boosters]\ninfusions = 2\n",
    "longer and longer": "[boosters]\nlengthening = 1.3\n",
    "stop rule": "[response.stop_rule]\nafter = 2\nsensitivity = 0.9\nspecificity = 0.6\n",
    "notice of days": "[attendance]\ncancel_notice_days = 4\n",
}
STEADY = f"""
[run]
begin = "steady"
history_weeks = {PAST}
history_delay_days = 0
"""
EMPTY = f"[run]\nwarm_up_weeks = {PAST}"
COLUMNS = ("first_infusion", "last_infusion", "series_ended", "programme", "left")
COUNTS = ("infusions", "relapses", "boosters", "reason", "protocol", "responder")


def by_identity(table):
    return {
        who: row for row, who in enumerate(zip(table["day"].tolist(), table["ordinal"].tolist(), strict=True))
    }


# Doors are open from noon to two, so that each type has one start a day. A further type of visit takes 100 minutes
# and needs a prescriber on the premises, who is there on Tuesdays and Thursdays.
TYPES = """
[clinic.hours]
mon = "12:00-14:00"
tue = "12:00-14:00"
wed = "12:00-14:00"
thu = "12:00-14:00"
fri = "12:00-14:00"
[booking]
start_every_minutes = 60
[protocols.once]
infusions = 1
gap_days = [3, 5]
[protocols.thrice]
infusions = 4
gap_days = [2, 3]
permitted_gap_days = [1, 5]
visit = "long"
[visit.steps.treatment]
minutes = 80
[visits.long.steps.treatment]
minutes = 100
first_visit_extra_minutes = 15
claims = { prescriber = { need = "on-site", to_infusion = 9 } }
[roles.prescriber]
hour = 150
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:00-18:00"
nurses = 1
[shifts.prescriber]
days = ["tue", "thu"]
hours = "07:00-18:00"
role = "prescriber"
number = 1
"""
CONSULTS = """
[intake]
visit = "consult"
[places.room]
number = 99
[visits.consult.steps.talk]
minutes = 70
place = "room"
"""
WITHOUT_STARTS = CLINIC[: CLINIC.index("[booking.starts]")] + CLINIC[CLINIC.index("[booking]") :]
CASES_OF_TYPES = {
    "types": "",
    "types, rolling": '[booking]\nseries = "rolling"\n',
    "types, holidays": HOLIDAYS,
    "types, two infusions a booster": "[boosters]\ninfusions = 2\n",
    "types, consults": CONSULTS,
    "types, consults on two days": CONSULTS
    + 'claims = { prescriber = "on-site" }\n[booking]\nnotice_days = 3\n',
}


@pytest.mark.parametrize("case", [*CASES, *CASES_OF_TYPES])
def test_patients_are_in_the_state_they_are_simulated_in(case):
    """At the end of the simulation, too: what is to come was handed over."""
    compared = 0
    of = (CLINIC, CASES[case]) if case in CASES else (WITHOUT_STARTS, TYPES, CASES_OF_TYPES[case])
    for number in range(3):
        steady = replay(Prepared(clinic(*of, STEADY)), 9, number)
        empty = replay(Prepared(clinic(*of, EMPTY)), 9, number)
        ours, theirs = by_identity(steady.patients), by_identity(empty.patients)
        there = {who for who, row in theirs.items() if not empty.patients["left"][row] < 0 or who[0] >= 0}
        assert there == set(ours)
        for who, row in ours.items():
            other = theirs[who]
            for column in COUNTS:
                assert steady.patients[column][row] == empty.patients[column][other], (number, who, column)
            for column in COLUMNS:
                assert steady.patients[column][row] == pytest.approx(
                    empty.patients[column][other], abs=1e-4, nan_ok=True
                ), (number, who, column)
            compared += who[0] < 0
        for kind in (INDUCTION, BOOSTER, CONSULT):
            given = [
                np.sort(each.visits["left"][(each.visits["kind"] == kind) & (each.visits["left"] >= DAY)])
                for each in (steady, empty)
            ]
            assert len(given[0]) == len(given[1])
            assert given[0] == pytest.approx(given[1], abs=1e-4)
    assert compared > 60


@pytest.mark.parametrize("of", [(CLINIC,), (WITHOUT_STARTS, TYPES, CONSULTS)], ids=["usual", "consults"])
def test_appointments_that_were_made_are_kept(of):
    """Of each patient the next visit in the simulation is the one that the other clinic had booked."""
    steady = replay(Prepared(clinic(*of, STEADY)), 9, 4)
    empty = replay(Prepared(clinic(*of, EMPTY)), 9, 4)
    firsts = []
    for each in (steady, empty):
        patients, visits, first = each.patients, each.visits, {}
        for row in np.flatnonzero((visits["outcome"] == COMPLETED) | (visits["outcome"] == TO_COME)):
            patient, moment = visits["patient"][row], visits["appointment"][row]
            who = patients["day"][patient].item(), patients["ordinal"][patient].item()
            if who[0] < 0 <= moment:
                first[who] = min(first.get(who, np.inf), moment)
        firsts.append(first)
    assert len(firsts[0]) > 15
    assert firsts[0] == firsts[1]
