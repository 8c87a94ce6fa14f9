"""Clinics with several types of visit, roles or places, minute by minute on paper.

Patients walk in on Tuesday at the times given, unless a test says otherwise. There is a nurse from 07:00 to 18:00.
"""

import math

import pytest

from simclinic import records as r
from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.sampling import draw
from simclinic.scenario import from_toml
from tests.model.small import at, clinic, column, outcomes, run

WEEK = 'days = ["mon", "tue", "wed", "thu", "fri"]'


def roster(**shifts):
    """Shifts by name: hours, and how many; those of other names are of the role that the name begins with."""
    tables, roles = {}, {}
    for name, (hours, number) in {"day": ("07:00-18:00", 1), **shifts}.items():
        role = name.split("_")[0]
        tables[name] = {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": hours, "number": number}
        if role != "day":
            tables[name]["role"] = role
            roles[role] = {"hour": 100}
    return {"shifts": tables, "roles": roles}


def treatment(**steps):
    """The steps of a visit."""
    return {"visit": {"steps": steps}}


def step(minutes, *hands, **settings):
    """A step of so many minutes, hands-on for the roles named; other claims in `claims`."""
    claims = dict.fromkeys(hands, "hands-on") | settings.pop("claims", {})
    return {"minutes": minutes, **({"claims": claims} if claims else {}), **settings}


def minute(clock):
    return 60 * int(clock[:2]) + int(clock[3:])


def tuesday(arrivals, *texts, chairs=9):
    """The records of a Tuesday on which patients walk in."""
    moments = [(1, minute(time)) for time in arrivals]
    walk_in = {"booking": {"mode": "walk-in"}, "clinic": {"chairs": chairs}}
    return run(clinic(walk_in, *texts, referrals=moments))


def of_types(wanted, arrivals, *texts, chairs=9):
    """The same of patients whose protocols are those wanted, in order: of the first seed that draws them so."""
    moments = [(1, minute(time)) for time in arrivals]
    walk_in = {"booking": {"mode": "walk-in"}, "clinic": {"chairs": chairs}}
    scenario = clinic(walk_in, *texts, referrals=moments)
    names = list(scenario.protocols)
    for seed in range(4000):
        draws = draw(scenario, seed, 0)
        if [names[code] for code in draws.protocol.tolist()] == wanted:
            return run(scenario, seed)
    raise AssertionError("no seed has such draws")


def had(records, row=None):
    """The steps that each visit had, as "09:00-09:20", on Tuesday's clock; of one row, or of all."""
    if row is None:
        return [had(records, each) for each in range(len(records.visits["patient"]))]
    names = [name.rpartition("/")[2] for name in records.steps]
    begins, ends = records.visits["step_start"][row], records.visits["step_end"][row]
    return {
        name: f"{written(begin)}-{written(end)}"
        for name, begin, end in zip(names, begins, ends, strict=True)
        if not math.isnan(begin)
    }


def written(moment):
    day, rest = divmod(moment, r.DAY)
    clock = f"{int(rest) // 60:02d}:{int(rest) % 60:02d}"
    return clock if day == 1 else f"{clock} on day {int(day)}"


def left(records):
    return [written(moment) for moment in records.visits["left"]]


# -- joint claims ----------------------------------------------------------------------------------------------

BOTH = treatment(
    start=step(10, "nurse"), check=step(20, "nurse", "prescriber"), end=step(5, "nurse"),
)  # fmt: skip


def test_what_several_roles_do_is_done_together_or_not_at_all():
    # Two nurses. Bea asks for the prescriber, who is with Ann, and for a nurse at 09:10. Cy comes at 09:15 and
    # needs the nurse who is free, but may not overtake Bea. At 09:30 both are served, so Ann waits until 09:40.
    records = tuesday(
        ["09:00", "09:00", "09:15"],
        BOTH,
        roster(prescriber=("08:00-18:00", 1), day=("07:00-18:00", 2)),
    )
    assert had(records) == [
        {"start": "09:00-09:10", "check": "09:10-09:30", "end": "09:40-09:45"},
        {"start": "09:00-09:10", "check": "09:30-09:50", "end": "09:50-09:55"},
        {"start": "09:30-09:40", "check": "09:50-10:10", "end": "10:10-10:15"},
    ]


def test_a_request_for_a_role_that_is_absent_blocks_nobody():
    # The prescriber comes at ten. Ann asks for both at 09:10. Bea, who is next, Cy, who waits behind her, and Dan,
    # who finds the nurse free, all overtake that request. From ten on all are in the order of asking.
    arrivals = ["09:00", "09:05", "09:15", "09:45"]
    records = tuesday(arrivals, roster(prescriber=("10:00-18:00", 1)), BOTH)
    assert had(records) == [
        {"start": "09:00-09:10", "check": "10:00-10:20", "end": "11:20-11:25"},
        {"start": "09:10-09:20", "check": "10:20-10:40", "end": "11:25-11:30"},
        {"start": "09:20-09:30", "check": "10:40-11:00", "end": "11:30-11:35"},
        {"start": "09:45-09:55", "check": "11:00-11:20", "end": "11:35-11:40"},
    ]
    assert column(records, "wait_hands")[:2] == [50 + 60, 5 + 60 + 45]


TWO_TYPES = {
    "demand": {"protocol_mix": {"once": 0.5, "other": 0.5}},
    "protocols": {"once": {"infusions": 1}, "other": {"infusions": 1, "visit": "other"}},
}


def other(**steps):
    """A second type of visit."""
    return {**TWO_TYPES, "visits": {"other": {"steps": steps}}}


def test_a_later_request_overtakes_only_if_it_claims_nothing_that_an_earlier_one_waits_for():
    # Ann has the prescriber until 10:00. Bea waits for prescriber and nurse. Cy needs the nurse alone: behind Bea.
    # Dan needs a technician alone, and overtakes both.
    records = of_types(
        ["once", "other", "third", "fourth"],
        ["09:00", "09:10", "09:20", "09:30"],
        roster(prescriber=("08:00-18:00", 1), technician=("08:00-18:00", 1)),
        treatment(long=step(60, "prescriber")),
        {
            "demand": {"protocol_mix": {"once": 0.25, "other": 0.25, "third": 0.25, "fourth": 0.25}},
            "protocols": {
                "once": {"infusions": 1},
                "other": {"infusions": 1, "visit": "joint"},
                "third": {"infusions": 1, "visit": "nursed"},
                "fourth": {"infusions": 1, "visit": "technical"},
            },
            "visits": {
                "joint": {"steps": {"joint": step(10, "nurse", "prescriber")}},
                "nursed": {"steps": {"nursed": step(10, "nurse")}},
                "technical": {"steps": {"technical": step(10, "technician")}},
            },
        },
    )
    assert had(records) == [
        {"long": "09:00-10:00"},
        {"joint": "10:00-10:10"},
        {"nursed": "10:10-10:20"},
        {"technical": "09:30-09:40"},
    ]


def test_an_earlier_request_that_waits_for_watching_keeps_no_hands_from_the_watched():
    # The nurse watches one patient at a time: Ann until she has seen the prescriber. Bea asks for the prescriber
    # and the nurse's eyes at 09:10, and Ann for the prescriber at 09:30: she is seen, and Bea comes after her.
    records = of_types(
        ["once", "other"],
        ["09:00", "09:10"],
        roster(prescriber=("08:00-18:00", 1)),
        treatment(
            watched=step(30, claims={"nurse": {"watch": 1}}),
            seen=step(20, "prescriber", claims={"nurse": {"watch": 1}}),
        ),
        other(both=step(15, "prescriber", claims={"nurse": {"watch": 1}})),
    )
    assert had(records) == [
        {"watched": "09:00-09:30", "seen": "09:30-09:50"},
        {"both": "09:50-10:05"},
    ]


def test_hands_are_kept_for_a_request_once_its_watching_is_there():
    # Ann is watched until 09:30, and Cy has the technician until 09:40. Bea, who needs all three, asked at 09:10:
    # from 09:30 on the prescriber is kept for her, so Dan, who asks at 09:35, comes after her.
    shares = {"once": 0.25, "other": 0.25, "third": 0.25, "fourth": 0.25}
    records = of_types(
        ["once", "third", "other", "fourth"],
        ["09:00", "09:00", "09:10", "09:35"],
        roster(prescriber=("08:00-18:00", 1), technician=("08:00-18:00", 1)),
        treatment(watched=step(30, claims={"nurse": {"watch": 1}})),
        {
            "demand": {"protocol_mix": shares},
            "protocols": {name: {"infusions": 1, "visit": name} for name in ("other", "third", "fourth")}
            | {"once": {"infusions": 1}},
            "visits": {
                "other": {
                    "steps": {"all": step(15, "prescriber", "technician", claims={"nurse": {"watch": 1}})}
                },
                "third": {"steps": {"scan": step(40, "technician")}},
                "fourth": {"steps": {"seen": step(40, "prescriber")}},
            },
        },
    )
    assert had(records) == [
        {"watched": "09:00-09:30"},
        {"scan": "09:00-09:40"},
        {"all": "09:40-09:55"},
        {"seen": "09:55-10:35"},
    ]


# -- on-site ---------------------------------------------------------------------------------------------------

ON_SITE = treatment(check=step(20, "nurse", claims={"prescriber": "on-site"}))


def test_a_role_on_site_is_waited_for_and_not_occupied():
    records = tuesday(
        ["09:00", "09:05", "10:30"],
        ON_SITE,
        roster(prescriber=("10:00-12:00", 1), day=("07:00-18:00", 2)),
    )
    # Both begin at ten with one prescriber and two nurses.
    assert [visit["check"] for visit in had(records)] == ["10:00-10:20", "10:00-10:20", "10:30-10:50"]
    assert column(records, "wait_hands") == [60, 55, 0]


def test_who_has_left_when_the_rest_is_granted_is_waited_for_again():
    # The nurse is with Ann until noon, when the prescriber goes to lunch. Bea, who was on site with the prescriber
    # when she asked, waits until one.
    records = of_types(
        ["other", "once"],
        ["11:00", "11:30"],
        ON_SITE,
        other(long=step(60, "nurse")),
        roster(prescriber_a=("08:00-12:00", 1), prescriber_b=("13:00-18:00", 1)),
    )
    assert had(records) == [{"long": "11:00-12:00"}, {"check": "13:00-13:20"}]


def test_without_a_prescriber_all_day_the_clinic_cancels_and_rebooks():
    # Absent on Tuesday, there on Wednesday: of the first seed that draws it so.
    shifts = roster(prescriber=("08:00-18:00", 1))
    shifts["shifts"]["prescriber"]["absence"] = 0.5
    scenario = clinic(ON_SITE, shifts, referrals=[(0, minute("16:30"))])
    for seed in range(200):
        records = run(scenario, seed)
        column_of = records.shifts.index("prescriber")
        if records.days["present"][1:3, column_of].tolist() == [0, 1]:
            break
    assert outcomes(records) == ["clinic-cancelled", "completed"]
    assert column(records, "appointment") == [at(1, 8), at(2, 8)]
    assert column(records, "decided") == [at(1, 0), at(2, 8, 20)]
    assert column(records, "requested") == [at(0, 16, 30)] * 2


# -- the end of a role's shift ---------------------------------------------------------------------------------

FIRST_SEEN = treatment(seen=step(30, "prescriber"), rest=step(20, "nurse"))


def overtime(records, scenario, role):
    return measure(records, scenario).kpis[f"overtime_nurse_hours_per_week:{role}"] * 2 * 60  # of two weeks


def priced(*texts, arrivals):
    """The scenario and the records of a Tuesday, and what two weeks of it cost."""
    moments = [(1, minute(time)) for time in arrivals]
    scenario = clinic(
        {"booking": {"mode": "walk-in"}, "clinic": {"chairs": 9}},
        {"finance": {"overtime_factor": 1.5, "on_costs": 1.0}},
        *texts,
        referrals=moments,
    )
    return scenario, run(scenario)


def test_a_role_stays_for_the_patients_who_need_it_and_no_longer():
    # The prescriber's only shift ends at noon. Ann is seen until 12:15, and Bea, who came before noon, after her.
    # Then the prescriber goes, although both are still with the nurse.
    scenario, records = priced(FIRST_SEEN, roster(prescriber=("08:00-12:00", 1)), arrivals=["11:45", "11:50"])
    assert had(records) == [
        {"seen": "11:45-12:15", "rest": "12:15-12:35"},
        {"seen": "12:15-12:45", "rest": "12:45-13:05"},
    ]
    assert overtime(records, scenario, "prescriber") == 45
    assert measure(records, scenario).kpis["overtime_nurse_hours_per_week"] == 0  # the nurse has not stayed


def test_overtime_of_a_role_costs_its_own_wage():
    texts = (FIRST_SEEN, roster(prescriber=("08:00-12:00", 1)))
    scenario, records = priced(*texts, arrivals=["11:45"])
    early, before = priced(*texts, arrivals=["10:45"])
    one, other_day = (
        measure(found, of).kpis["cost_per_week"] for found, of in ((records, scenario), (before, early))
    )
    assert one - other_day == pytest.approx(15 / 60 * 100 * 1.5 / 2)


def test_between_two_shifts_a_role_stays_for_begun_visits_alone():
    # Ann's visit has begun at noon; Bea's has not, and waits until one. The nurse is there all day.
    shifts = roster(prescriber_a=("08:00-12:00", 1), prescriber_b=("13:00-17:00", 1))
    shifts["roles"] = {"prescriber": {"hour": 100}}
    scenario, records = priced(FIRST_SEEN, shifts, arrivals=["11:45", "11:50"])
    assert had(records) == [
        {"seen": "11:45-12:15", "rest": "12:15-12:35"},
        {"seen": "13:00-13:30", "rest": "13:30-13:50"},
    ]
    assert overtime(records, scenario, "prescriber") == 15


def test_a_step_that_is_left_out_is_not_stayed_for():
    # Ann is one of the patients who do not see the prescriber after the nurse.
    scenario, records = priced(
        treatment(
            rest=step(20, "nurse"), seen=step(30, "prescriber", probability=0.0), ride=step(60, chair=False)
        ),
        roster(prescriber=("08:00-12:00", 1)),
        arrivals=["11:50"],
    )
    assert had(records) == [{"rest": "11:50-12:10", "ride": "12:10-13:10"}]
    assert overtime(records, scenario, "prescriber") == 0


def test_a_role_that_has_gone_home_is_not_there_for_who_comes_then():
    # The prescriber has seen Ann until 12:15, who is with the nurse when Cy comes at 12:20.
    records = tuesday(["11:45", "12:20"], FIRST_SEEN, roster(prescriber=("08:00-12:00", 1)))
    assert had(records, 1)["seen"].startswith("08:00 on day 2")
    # Nor does anybody stay for what Ann does not have.
    left_out = treatment(
        rest=step(20, claims={"nurse": {"watch": 9}}),
        seen=step(30, "prescriber", probability=0.0),
        ride=step(60, chair=False),
    )
    records = of_types(
        ["once", "other"],
        ["11:50", "12:30"],
        left_out,
        other(seen=step(10, "prescriber")),
        roster(prescriber=("08:00-12:00", 1)),
    )
    assert had(records, 1) == {"seen": "08:00 on day 2-08:10 on day 2"}


def test_a_role_stays_between_its_shifts_for_all_of_a_begun_visit():
    shifts = roster(prescriber_a=("08:00-12:00", 1), prescriber_b=("13:00-17:00", 1))
    visit = treatment(seen=step(30, "prescriber"), rest=step(20), again=step(5, "prescriber"))
    scenario, records = priced(visit, shifts, arrivals=["11:45", "12:20"])
    # Bea comes while the prescriber, who has stayed for Ann, has nothing to do: but her visit has not begun.
    assert had(records) == [
        {"seen": "11:45-12:15", "rest": "12:15-12:35", "again": "12:35-12:40"},
        {"seen": "13:00-13:30", "rest": "13:30-13:50", "again": "13:50-13:55"},
    ]
    assert overtime(records, scenario, "prescriber") == 40


def test_a_role_that_nobody_on_duty_has_is_waited_for_until_the_next_day():
    records = tuesday(["14:00"], FIRST_SEEN, roster(prescriber=("08:00-12:00", 1)))
    assert had(records) == [
        {"seen": "08:00 on day 2-08:30 on day 2", "rest": "08:30 on day 2-08:50 on day 2"}
    ]


# -- visits that need no nurse ---------------------------------------------------------------------------------


def test_a_consult_takes_place_without_nurses():
    # No nurse is there on Tuesday morning. The consult needs the prescriber alone.
    shifts = roster(prescriber=("08:00-12:00", 1), day=("13:00-18:00", 1))
    scenario = clinic(treatment(consult=step(30, "prescriber")), shifts, referrals=[(1, minute("08:10"))])
    records = run(scenario)
    assert outcomes(records) == ["completed"]
    assert column(records, "appointment") == [at(1, 9)]


def test_a_visit_that_needs_nurses_later_begins_only_with_one():
    shifts = roster(prescriber=("08:00-17:00", 1), day=("08:00-12:00", 1), late=("13:00-18:00", 1))
    shifts["roles"].pop("late")
    shifts["shifts"]["late"].pop("role")
    records = tuesday(["12:10"], FIRST_SEEN, shifts)
    assert had(records) == [{"seen": "13:00-13:30", "rest": "13:30-13:50"}]
    assert column(records, "wait_hands") == [50]


def test_the_book_offers_starts_at_which_a_nurse_is_there():
    # The nurse comes at ten. At half past nine nobody is there to begin the visit, though she would come in time.
    scenario = clinic(
        treatment(seat=step(30, place="room"), infusion=step(30, "nurse")),
        roster(day=("10:00-18:00", 1)),
        {"places": {"room": {"number": 1}}, "booking": {"start_every_minutes": 30}},
        referrals=[(1, minute("08:00"))],
    )
    records = run(scenario)
    assert column(records, "appointment") == [at(1, 10)]
    assert outcomes(records) == ["completed"]


# -- places ----------------------------------------------------------------------------------------------------

ROOM = {"places": {"room": {"number": 1}}}
CHAIR_THEN_ROOM = treatment(seat=step(10), talk=step(30, place="room"))


def test_who_waits_for_a_room_keeps_the_chair():
    records = tuesday(["09:00", "09:10", "09:15"], ROOM, CHAIR_THEN_ROOM, chairs=1)
    assert had(records) == [
        {"seat": "09:00-09:10", "talk": "09:10-09:40"},
        {"seat": "09:10-09:20", "talk": "09:40-10:10"},
        {"seat": "09:40-09:50", "talk": "10:10-10:40"},
    ]
    assert column(records, "wait_chair") == [0, 0, 25]
    assert column(records, "chair_free") == [at(1, 9, 10), at(1, 9, 40), at(1, 10, 10)]
    assert records.visits["place_from"][:, 0].tolist() == [at(1, 9, 10), at(1, 9, 40), at(1, 10, 10)]
    assert records.visits["place_to"][:, 0].tolist() == [at(1, 9, 40), at(1, 10, 10), at(1, 10, 40)]


def test_where_orders_contradict_each_other_the_wait_is_in_the_lobby():
    # The same patients, in a clinic in which others go from the room to the chair.
    reverse = {**other(talk=step(30, place="room"), seat=step(10)), "demand": {"protocol_mix": {"once": 1.0}}}
    records = tuesday(["09:00", "09:10", "09:15"], ROOM, CHAIR_THEN_ROOM, reverse, chairs=1)
    assert had(records)[1:] == [
        {"seat": "09:10-09:20", "talk": "09:40-10:10"},
        {"seat": "09:20-09:30", "talk": "10:10-10:40"},
    ]
    assert column(records, "chair_free") == [at(1, 9, 10), at(1, 9, 20), at(1, 9, 30)]


def test_a_step_in_the_lobby_that_may_be_left_out_does_not_hide_a_circle():
    # Ann goes from the chair to the room, because she does not have the walk between them, and Bea the other way.
    records = of_types(
        ["once", "other"],
        ["09:00", "09:00"],
        ROOM,
        treatment(seat=step(10), walk=step(5, chair=False, probability=0.0), talk=step(30, place="room")),
        other(talk=step(10, place="room"), seat=step(30)),
        chairs=1,
    )
    assert had(records) == [
        {"seat": "09:00-09:10", "talk": "09:10-09:40"},
        {"talk": "09:00-09:10", "seat": "09:10-09:40"},
    ]


def test_alternatives_in_another_order_are_no_circle():
    # No visit has both, so in whatever order they are written: who waits keeps the chair.
    rooms = {"places": {"room": {"number": 1}, "bay": {"number": 1}}}

    def either(first, second):
        return {
            "seat": step(10),
            first: step(30, place=first, one_of="where", probability=0.0 if first == "bay" else 1.0),
            second: step(30, place=second, one_of="where", probability=0.0 if second == "bay" else 1.0),
        }

    records = of_types(
        ["once", "other", "once"],
        ["09:00", "09:10", "09:15"],
        rooms,
        treatment(**either("room", "bay")),
        other(**either("bay", "room")),
        chairs=1,
    )
    assert column(records, "chair_free") == [at(1, 9, 10), at(1, 9, 40), at(1, 10, 10)]


def test_a_waiting_room_is_one_for_all_places():
    # One waits for the chair, so the one who would wait for the room finds the waiting room full.
    records = of_types(
        ["once", "other", "once", "other"],
        ["09:00", "09:00", "09:05", "09:10"],
        ROOM,
        {"booking": {"waiting_room": 1}},
        treatment(seat=step(30)),
        other(talk=step(30, place="room")),
        chairs=1,
    )
    assert outcomes(records) == ["completed", "completed", "completed", "balked"]


# -- cleaning --------------------------------------------------------------------------------------------------

CLEANED = treatment(
    treat=step(60, "nurse"), ride=step(15, chair=False), clean=step(10, "nurse", patient=False),
)  # fmt: skip


def test_the_chair_is_cleaned_while_the_patient_waits_for_the_ride():
    records = tuesday(["09:00", "09:05"], CLEANED, chairs=1)
    assert had(records) == [
        {"treat": "09:00-10:00", "clean": "10:00-10:10", "ride": "10:00-10:15"},
        {"treat": "10:10-11:10", "clean": "11:10-11:20", "ride": "11:10-11:25"},
    ]
    assert left(records) == ["10:15", "11:25"]
    assert column(records, "wait_chair") == [0, 65]
    assert column(records, "chair_free") == [at(1, 10, 10), at(1, 11, 20)]


def test_a_place_that_the_visit_did_not_use_is_not_cleaned():
    records = tuesday(
        ["09:00"],
        ROOM,
        treatment(
            talk=step(30, place="room", probability=0.0),
            tidy=step(15, "nurse", place="room", patient=False),
            seat=step(20, "nurse"),
        ),
    )
    assert had(records) == [{"seat": "09:00-09:20"}]


def test_cleaning_on_site_waits_for_the_role_again():
    # The prescriber must be there for cleaning, too; the only nurse is with Ann until after noon.
    records = of_types(
        ["once", "other"],
        ["11:30", "11:40"],
        roster(prescriber_a=("08:00-12:00", 1), prescriber_b=("13:00-18:00", 1)),
        treatment(seat=step(20), clean=step(10, "nurse", patient=False, claims={"prescriber": "on-site"})),
        other(long=step(30, "nurse")),
    )
    assert had(records) == [{"seat": "11:30-11:50", "clean": "13:00-13:10"}, {"long": "11:40-12:10"}]


# -- steps by chance -------------------------------------------------------------------------------------------


def test_a_step_ends_before_the_one_after_that_which_is_left_out():
    records = tuesday(
        ["09:00", "09:00"],
        treatment(rest=step(30), more=step(15, probability=0.0), discharge=step(10, "nurse")),
    )
    assert had(records) == [
        {"rest": "09:00-09:30", "discharge": "09:30-09:40"},
        {"rest": "09:00-09:30", "discharge": "09:40-09:50"},
    ]


def test_a_visit_ends_with_the_last_step_that_it_has():
    records = tuesday(["09:00", "09:10"], treatment(rest=step(30), more=step(15, probability=0.0)), chairs=1)
    assert left(records) == ["09:30", "10:00"]
    assert column(records, "wait_chair") == [0, 20]


def test_a_series_begins_with_the_first_step_that_the_visit_has():
    records = tuesday(["09:00"], treatment(more=step(15, probability=0.0), rest=step(30, "nurse")))
    assert records.patients["first_infusion"].tolist() == [at(1, 9)]
    assert records.begun.tolist() == [at(1, 9)]


def test_each_visit_has_one_of_the_alternatives():
    scenario = clinic(
        {"booking": {"mode": "walk-in"}, "clinic": {"chairs": 9}},
        treatment(
            short=step(10, one_of="length", probability=0.7),
            long=step(40, one_of="length", probability=0.3),
            extra=step(5, probability=0.25),
        ),
        {"clinic": {"chairs": 1000}},
        referrals=[(0, 500 + number % 500) for number in range(4000)],
    )
    records = simulate(scenario, draw(scenario, 1, 0))
    begun = ~(records.visits["step_start"] != records.visits["step_start"])
    assert (begun[:, 0] ^ begun[:, 1]).all()
    # Four standard errors of 4,000 draws.
    assert begun[:, 0].mean() == pytest.approx(0.7, abs=4 * math.sqrt(0.21 / 4000))
    assert begun[:, 2].mean() == pytest.approx(0.25, abs=4 * math.sqrt(0.1875 / 4000))
    # Drawn independently of each other.
    assert begun[begun[:, 0], 2].mean() == pytest.approx(0.25, abs=4 * math.sqrt(0.1875 / 2800))


# -- claims for some infusions only ----------------------------------------------------------------------------

FIRST_ONLY = treatment(check=step(60, "nurse", claims={"prescriber": {"need": "on-site", "to_infusion": 1}}))
PAIR = {"protocols": {"once": {"infusions": 2, "gap_days": [1, 1], "permitted_gap_days": [1, 7]}}}


def on_mondays():
    shifts = roster(prescriber=("08:00-18:00", 1))
    shifts["shifts"]["prescriber"]["days"] = ["mon"]
    return shifts


def test_the_book_offers_the_first_infusion_only_where_the_prescriber_is():
    scenario = clinic(FIRST_ONLY, PAIR, on_mondays(), referrals=[(1, minute("09:00"))])
    records = run(scenario)
    assert column(records, "appointment") == [at(7, 8), at(8, 8)]
    assert outcomes(records) == ["completed", "completed"]


def test_the_next_appointment_becomes_the_first_after_a_miss():
    # Monday is cancelled. Tuesday's appointment would be the first infusion, and the prescriber is away: the clinic
    # cancels it at midnight. Both are rebooked as first infusions, on the next two Mondays.
    scenario = clinic(
        FIRST_ONLY, PAIR, on_mondays(), {"attendance": {"late_cancel": 0.4, "rebooks": 1.0}}, {"run": {"weeks": 3}},
        referrals=[(0, minute("08:30"))],
    )  # fmt: skip
    for seed in range(4000):
        draws = draw(scenario, seed, 0)
        misses = [draws.series.misses(draws.series_row(0, number)) for number in (1, 2)]
        if misses == [[(r.CANCELLED, True)], None]:
            break
    records = run(scenario, seed)
    table = sorted(
        zip(column(records, "appointment"), outcomes(records), column(records, "number"), strict=True)
    )
    assert table == [
        (at(0, 9), "cancelled", 1),
        (at(1, 8), "clinic-cancelled", 1),
        (at(7, 8), "completed", 1),
        (at(14, 8), "completed", 2),
    ]


def test_boosters_count_on_where_claims_are_concerned():
    # The prescriber is asked for at the first two infusions, so not at a booster after a series of two; the booster
    # is on a Thursday, when only the nurse is there.
    claim = {"need": "on-site", "to_infusion": 2}
    scenario = clinic(
        treatment(check=step(60, "nurse", claims={"prescriber": claim})),
        PAIR,
        {"protocols": {"once": {"infusions": 2, "gap_days": [7, 7]}}},
        on_mondays(),
        {"run": {"weeks": 4}, "response": {"probability": 1.0}, "boosters": {"days": 900}},
        referrals=[(0, minute("07:30"))],
    )
    records = run(scenario)
    assert column(records, "appointment") == [at(0, 9), at(7, 8), at(17, 10)]
    assert outcomes(records) == ["completed"] * 3


# -- watching, counted -----------------------------------------------------------------------------------------


def minutes_of_watching(*texts):
    """Nurse-minutes of watching of a patient who comes on Tuesday and on Wednesday, each time at nine."""
    scenario = clinic({"booking": {"mode": "walk-in"}}, PAIR, *texts, referrals=[(1, minute("09:00"))])
    records = run(scenario)
    present = 10 * 11 * 60
    return (
        had(records, 0),
        had(records, 1),
        measure(records, scenario).kpis["nurse_watch_utilisation"] * present,
    )


def test_watching_is_given_up_before_closer_watching_of_these_infusions():
    # The prescriber comes at ten. At the first infusion she takes over with a nurse who watches two: until then
    # nobody watches. At the second the nurse who watches four goes on until ten.
    first, second, watched = minutes_of_watching(
        treatment(
            rest=step(20, claims={"nurse": {"watch": 4}}),
            treat=step(30, "prescriber", claims={"nurse": {"watch": 2, "to_infusion": 1}}),
        ),
        roster(prescriber=("10:00-18:00", 1)),
    )
    assert first == {"rest": "09:00-09:20", "treat": "10:00-10:30"}
    assert second["treat"] == "10:00 on day 2-10:30 on day 2"
    assert watched == pytest.approx(20 / 4 + 30 / 2 + 60 / 4)


def test_watching_is_given_up_before_what_another_role_has_not_watched_so_far():
    # At the first infusion the prescriber watches from nine on. At the second only from the treatment on, for which
    # she comes at ten; both are asked for together.
    shifts = roster(prescriber_a=("08:00-18:00", 1), prescriber_b=("10:00-18:00", 1))
    shifts["shifts"]["prescriber_a"]["days"] = ["tue"]
    shifts["shifts"]["prescriber_b"]["days"] = ["wed"]
    _, second, watched = minutes_of_watching(
        treatment(
            rest=step(20, claims={"nurse": {"watch": 4}, "prescriber": {"watch": 1, "to_infusion": 1}}),
            treat=step(30, claims={"nurse": {"watch": 4}, "prescriber": {"watch": 1}}),
        ),
        shifts,
    )
    assert second["treat"] == "10:00 on day 2-10:30 on day 2"
    assert watched == pytest.approx(50 / 4 + 20 / 4 + 30 / 4)


def test_who_is_watched_last_by_a_role_is_watched_until_the_next_step():
    # The prescriber watches until the technician comes at ten, although no later step claims her.
    scenario, _ = priced(
        treatment(rest=step(20, claims={"prescriber": {"watch": 1}}), scan=step(10, "technician")),
        roster(prescriber=("08:00-12:00", 1), technician=("10:00-18:00", 1)),
        arrivals=["09:00"],
    )
    kpis = measure(run(scenario), scenario).kpis
    assert kpis["nurse_watch_utilisation:prescriber"] == pytest.approx(60 / (10 * 240))


def test_waits_for_a_room_are_in_the_table():
    """Two patients come at once for one room, twenty minutes each, in a clinic with chairs for all."""
    scenario = from_toml(
        """
name = "One room"
[run]
begin = "empty"
start = 2026-01-05
warm_up_weeks = 0
weeks = 1
[clinic]
chairs = 2
hours = { mon = "08:00-17:00" }
[shifts]
[places.room]
number = 1
[booking]
mode = "walk-in"
[intake]
contraindicated = 0
consult_no_show = 0
accepts = 1
[demand]
referrals = [2026-01-05T09:00:00, 2026-01-05T09:05:00]
protocol_mix = { one = 1.0 }
[protocols.one]
infusions = 1
[visit.steps.talk]
minutes = 20
place = "room"
[visit.steps.rest]
minutes = 10
"""
    )
    visits = run(scenario).visits
    assert visits["wait_place"].tolist() == [[0], [15]]
    assert visits["wait_chair"].tolist() == [0, 0]


TOGETHER = """
[run]
seed = 3
[clinic]
chairs = 9
[clinic.hours]
mon = "08:00-12:00"
[roles.doctor]
hour = 150
[shifts.day]
days = ["mon"]
hours = "08:00-12:00"
nurses = 1
break = "08:00-09:00"
[shifts.doctor]
days = ["mon"]
hours = "09:00-12:00"
role = "doctor"
number = 1
[booking]
mode = "walk-in"
[protocols.once]
infusions = 1
[protocols.other]
infusions = 1
visit = "other"
[demand.protocol_mix]
once = 0.5
other = 0.5
[visit.steps.forms]
minutes = 10
nurse = "none"
[visit.steps.treatment]
minutes = 20
nurse = "none"
claims = { nurse = "hands-on", doctor = "hands-on" }
[visits.other.steps.forms]
minutes = 10
nurse = "none"
[visits.other.steps.talk]
minutes = 20
nurse = "hands-on"
"""


@pytest.mark.parametrize("swapped", [False, True])
def test_roles_that_come_at_one_moment_are_there_before_anybody_is_served(swapped):
    """At 9 the doctor comes and the nurse's break ends. Some who wait need both; all are served as they came."""
    text = TOGETHER
    if swapped:  # the order of the shifts in the file decides nothing
        nurse = text[text.index("[shifts.day]") : text.index("[shifts.doctor]")]
        text = text.replace(nurse, "").replace("[booking]", f"{nurse}[booking]")
    scenario = clinic(text, referrals=[(0, 490 + 10 * patient) for patient in range(6)])
    visits = run(scenario, scenario.run.seed).visits
    assert visits["visit"].tolist()[:2] == [0, 1]  # the first needs both, the second the nurse alone
    begins = [[time for time in times if not math.isnan(time)][1] for times in visits["step_start"].tolist()]
    assert begins == [at(0, 9) + 20 * patient for patient in range(6)]
