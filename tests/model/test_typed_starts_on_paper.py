"""Clinics whose starts are each for one type of visit, minute by minute on paper."""

import pytest

from simclinic import records as r
from simclinic.errors import ScenarioError
from simclinic.past.dates import Dates
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.load import load_on_paper
from simclinic.planning.timetable import Timetable
from simclinic.planning.typed_week import largest_remainders
from simclinic.report.text.one_more import one_more_sentence
from simclinic.sampling import draw
from simclinic.scenario import from_toml
from tests.model.small import EVERY_DAY, clinic, run

TYPES = """
[demand.protocol_mix]
slow = 0.5
quick = 0.5
[protocols.slow]
infusions = 1
visit = "long"
[protocols.quick]
infusions = 1
visit = "short"
[visits.long.steps.treatment]
minutes = 120
[visits.short.steps.treatment]
minutes = 30
"""
TWO = f"""{TYPES}[booking]
types = "typed"
start_every_minutes = 30
"""

TUESDAYS = """
[clinic.hours]
mon = "08:00-17:00"
tue = "08:00-17:00"
[booking.starts]
mon = []
tue = [
    { at = "10:00", visit = "long" },
    { at = "08:00", visit = "short" }, { at = "08:30", visit = "short" },
    { at = "09:00", visit = "short" }, { at = "09:30", visit = "short" },
]
"""


def on_monday(wanted, *texts, at=720, starts=TUESDAYS):
    """Where and when patients get a start who ask on the first Monday, a minute apart: of a type of visit each."""
    scenario = clinic(TWO, starts, *texts, referrals=[(0, at + place) for place in range(len(wanted))])
    names = [protocol.visit for protocol in scenario.protocols.values()]
    for seed in range(4000):
        draws = draw(scenario, seed, 0)
        if [names[code] for code in draws.protocol.tolist()] == list(wanted):
            return run(scenario, seed)
    raise AssertionError("no seed has such draws")


def starts(records):
    """The appointments, as day and time, in the order in which they were made."""
    return [f"{int(at // r.DAY)} {clock(at % r.DAY)}" for at in records.visits["appointment"].tolist()]


def clock(minute):
    return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


# -- the example of the model page -----------------------------------------------------------------------------

FOUR = ("long", "long", "short", "long")


def test_a_start_serves_its_own_type():
    assert starts(on_monday(FOUR)) == ["1 10:00", "8 10:00", "1 08:00", "15 10:00"]


def test_a_start_that_is_listed_twice_is_given_twice():
    # Both come at ten, and the chair is for one: the second waits two hours.
    twice = '[booking.starts]\nmon = []\ntue = [{ at = "10:00", visit = "long" }, { at = "10:00", visit = "long" }]'
    records = on_monday(("long", "long", "long"), twice)
    assert starts(records) == ["1 10:00", "1 10:00", "8 10:00"]
    assert records.visits["wait_chair"].tolist()[:2] == [0, 120]


def test_where_all_starts_are_a_list_one_more_of_anything_adds_none():
    whole = next(
        capacity_on_paper(clinic(TWO, TUESDAYS, "[clinic.hours]\ntue = '08:00-17:00'", referrals=[]))
    )
    assert one_more_sentence(whole) == (
        "The starts are a list: one more chair or nurse adds none unless more are listed."
    )
    rest = next(capacity_on_paper(clinic(TWO, TUESDAYS, EVERY_DAY, referrals=[])))
    assert one_more_sentence(rest).endswith(". Mon, Tue left out, where the starts are a list.")


def test_a_converted_visit_uses_up_the_starts_that_no_longer_fit():
    records = on_monday(FOUR, "[booking]\nconvert_days = 1")
    assert starts(records) == ["1 10:00", "1 08:00", "8 08:00", "8 10:00"]


def test_starts_are_converted_from_so_many_days_before_on():
    # On Monday Tuesday is a day away. With 0 days its starts serve other types on Tuesday only.
    assert starts(on_monday(FOUR, "[booking]\nconvert_days = 0")) == starts(on_monday(FOUR))
    # With 8 days the next Tuesday is open as well: Dan gets 10:00 there, which is his own type's.
    assert starts(on_monday(FOUR, "[booking]\nconvert_days = 8"))[3] == "8 10:00"
    # A fifth patient with a long visit is the first of whom that matters: next Tuesday, at eight. Cy is there then.
    five = ("long", "long", "long", "long")
    assert starts(on_monday(five, "[booking]\nconvert_days = 7"))[3] == "15 10:00"
    assert starts(on_monday(five, "[booking]\nconvert_days = 8"))[3] == "8 08:00"


def test_a_visit_takes_its_own_types_start_though_another_is_earlier():
    assert starts(on_monday(("long",), "[booking]\nconvert_days = 9")) == ["1 10:00"]


def test_nobody_is_converted_into_a_visit_that_is_booked_or_past_closing():
    # Somebody has the short start at 09:30: from 08:00 on there is no room for two hours, nor from 08:30 or 09:00.
    shorts = ("short", "short", "short", "short", "long", "long")
    records = on_monday(shorts, "[booking]\nconvert_days = 1")
    assert starts(records)[4:] == ["1 10:00", "8 10:00"]
    # The long start is free, and takes a short visit; a clinic that closes at 10:00 has no long one before.
    records = on_monday(("short",) * 5, "[booking]\nconvert_days = 1")
    assert starts(records)[4] == "1 10:00"
    early = '[booking]\nconvert_days = 1\n[clinic.hours]\nmon = "08:00-17:00"\ntue = "08:00-09:59"\n'
    listed = '{ at = "08:00", visit = "short" }, { at = "09:00", visit = "long" }'
    only = f"[booking.starts]\nmon = []\ntue = [{listed}]\n"
    # The clinic has listed the long visit at nine itself; at eight it would end at ten.
    assert starts(on_monday(("long", "long"), early, only)) == ["1 09:00", "8 09:00"]
    on_time = early.replace("09:59", "10:00")
    with_room = only.replace('"09:00", visit = "long"', '"09:30", visit = "short"')
    assert starts(on_monday(("long",), on_time, with_room)) == ["1 08:00"]
    assert starts(on_monday(("long",), early, with_room)) == []


def test_a_cancelled_converted_visit_gives_back_the_starts_that_it_used_up():
    book = Timetable(clinic(TWO, TUESDAYS, "[booking]\nconvert_days = 1", referrals=[])).book()
    long, short = 0, 1
    book.begin_day(0)
    assert book.take(1, 0.0, series=True, plan=long) == (4, r.DAY + 600.0)
    assert book.take(1, 0.0, series=True, plan=long) == (0, r.DAY + 480.0)
    assert not book.has_start(1, 0.0, short)
    book.give_back(1, 0, series=True, plan=long)
    assert [book.take(1, 0.0, series=True, plan=short)[1] - r.DAY for _ in range(4)] == [480, 510, 540, 570]
    assert not book.has_start(1, 0.0, short)


def test_a_standing_start_of_another_type_keeps_its_room_until_it_may_be_converted():
    # The first long visit needs the doctor for an hour, who is there from nine to eleven; later ones do not. The
    # consult is made for the doctor's second hour. On Monday a first long visit may not take it.
    doctor = {
        "roles": {"doctor": {"hour": 100}},
        "shifts": {
            "day": {"days": ["mon", "tue"], "hours": "07:00-18:00", "number": 1},
            "doctor": {"days": ["tue"], "hours": "09:00-11:00", "number": 1, "role": "doctor"},
        },
        "clinic": {"chairs": 4, "hours": {"mon": "08:00-17:00", "tue": "09:00-12:00"}},
        "booking": {"start_every_minutes": 60, "starts": {"mon": []}},
        "visits": {
            "long": {
                "steps": {
                    "treatment": {
                        "minutes": 60,
                        "claims": {"doctor": {"need": "hands-on", "to_infusion": 1}},
                    }
                }
            },
            "short": {"steps": {"treatment": {"minutes": 60, "claims": {"doctor": "hands-on"}}}},
        },
        "protocols": {
            "slow": {"infusions": 9, "gap_days": [7, 7], "visit": "long"},
            "quick": {"infusions": 1, "visit": "short"},
        },
        "demand": {"protocol_mix": {"slow": 0.5, "quick": 0.5}},
    }
    timetable = Timetable(clinic(TWO, doctor, referrals=[]))
    template = [(clock(start.minute), start.plan) for start in timetable.templates[1]]
    first, later, consult = 0, 1, 2
    # Both who need the doctor have one start; later long visits fill three chairs, and the fourth from eleven on.
    assert ("09:00", first) in template
    assert ("10:00", consult) in template
    book = timetable.book()
    assert book.take(1, 0.0, series=True, plan=first)[1] == r.DAY + 540.0
    assert not book.has_start(1, 0.0, first)
    assert book.has_start(1, 0.0, later)
    assert book.take(1, 0.0, series=True, plan=consult)[1] == r.DAY + 600.0
    # The second who asks for a first long visit comes a week later, and the consult is at ten.
    records = on_monday(("long", "long", "short"), doctor, starts="")
    firsts = records.visits["number"] == 1
    assert [starts(records)[row] for row in firsts.nonzero()[0]] == ["1 09:00", "8 09:00", "1 10:00"]


# -- listed starts ---------------------------------------------------------------------------------------------


def test_a_listed_start_is_the_clinics_decision():
    # One chair, and two starts half an hour before the other would end: overbooked on purpose, and past closing.
    book = Timetable(
        clinic(
            TWO,
            '[clinic.hours]\ntue = "08:00-17:00"\n[booking.starts]\n'
            'tue = [{ at = "14:30", visit = "long" }, { at = "16:00", visit = "long" }]',
            referrals=[],
        )
    ).book()
    assert [book.take(1, 0.0, series=True, plan=0)[1] - r.DAY for _ in range(2)] == [870, 960]


def test_a_clinic_may_overbook_as_often_as_it_likes():
    # One nurse, whom each visit needs for an hour; five begin at eight and four at half past.
    times = ["08:00"] * 5 + ["08:30"] * 4
    starts = [{"at": at, "visit": "long"} for at in times]
    step = {"minutes": 60, "claims": {"nurse": "hands-on"}}
    hour = {"clinic": {"chairs": 9}, "visits": {"long": {"steps": {"treatment": step}}}}
    book = Timetable(clinic(TWO, hour, {"booking": {"starts": {"tue": starts}}}, referrals=[])).book()
    taken = [book.take(1, 0.0, series=True, plan=0) for _ in starts]
    assert [clock(moment - r.DAY) for _, moment in taken] == times
    for place, _ in taken:
        book.give_back(1, place, series=True, plan=0)
    assert [book.take(1, 0.0, series=True, plan=0) for _ in starts] == taken


def test_a_listed_start_needs_its_roles_on_duty():
    # The doctor, on site for the second hour of the visit, is there from nine to eleven.
    visits = {
        "visits": {
            "long": {
                "steps": {
                    "before": {"minutes": 60},
                    "seen": {"minutes": 60, "claims": {"doctor": "on-site"}},
                }
            }
        },
        "roles": {"doctor": {"hour": 100}},
        "shifts": {
            "day": {"days": ["tue"], "hours": "07:00-18:00", "number": 1},
            "doctor": {"days": ["tue"], "hours": "09:00-11:00", "number": 1, "role": "doctor"},
        },
        "clinic": {"chairs": 3},
    }
    starts = [{"at": at, "visit": "long"} for at in ("08:00", "08:30", "09:00", "09:30")]
    book = Timetable(clinic(TWO, visits, {"booking": {"starts": {"tue": starts}}}, referrals=[])).book()
    taken = []
    while book.has_start(1, 0.0, 0):
        taken.append(book.take(1, 0.0, series=True, plan=0)[1] - r.DAY)
    assert taken == [480, 510, 540]


def test_plain_times_are_for_the_only_type_or_for_infusions():
    one = {
        "places": {"room": {"number": 1}},
        "visit": {"steps": {"treatment": {"minutes": 60, "place": "room"}}},
    }
    listed = {"booking": {"types": "typed", "starts": {"mon": ["10:00", "08:30"]}}}
    template = Timetable(clinic(one, listed, referrals=[])).templates[0]
    assert [(start.minute, start.kind) for start in template] == [(510, 0), (600, 0)]
    with_infusions = TWO.replace('visit = "long"', "").replace("[visits.long.steps", "[visit.steps")
    timetable = Timetable(clinic(with_infusions, listed, referrals=[]))
    assert [timetable.plans.types[start.kind] for start in timetable.templates[0]] == ["infusion", "infusion"]


# -- derived starts --------------------------------------------------------------------------------------------


def test_the_largest_remainders_are_rounded_up():
    assert largest_remainders(10, [3.0, 3.0, 1.0]) == [4, 4, 2]
    assert largest_remainders(7, [1.0, 1.0]) == [4, 3]
    assert largest_remainders(3, [2.0, 1.0]) == [2, 1]


SCARCE = {
    "roles": {"doctor": {"hour": 100}},
    "clinic": {"hours": {"mon": "08:00-12:00", "tue": "08:00-12:00", "wed": "08:00-12:00"}},
    "shifts": {
        "day": {"days": ["mon", "tue", "wed"], "hours": "07:00-18:00", "number": 1},
        "doctor": {"days": ["tue"], "hours": "08:00-10:00", "number": 1, "role": "doctor"},
    },
    "visits": {
        "long": {"steps": {"treatment": {"minutes": 60}}},
        "short": {"steps": {"treatment": {"minutes": 60, "claims": {"doctor": "hands-on"}}}},
    },
    "booking": {"start_every_minutes": 60},
    "demand": {"protocol_mix": {"slow": 0.8, "quick": 0.2}},
}


def derived(*texts):
    timetable = Timetable(clinic(TWO, SCARCE, *texts, referrals=[]))
    names = timetable.plans.types
    return [
        "" if day is None else " ".join(f"{clock(start.minute)} {names[start.kind]}" for start in day)
        for day in timetable.templates[:7]
    ]


FULL = "08:00 long 09:00 long 10:00 long 11:00 long"


def test_scarce_starts_are_placed_first_and_the_others_around_them():
    # Twelve hours on one chair: 9.6 long and 2.4 short ones, so ten and two. The doctor's two hours are the short
    # ones', although the long ones would come first.
    assert derived() == [FULL, "08:00 short 09:00 short 10:00 long 11:00 long", FULL, "", "", "", ""]


def test_every_type_that_is_asked_for_has_a_start():
    # 0.12 of twelve starts would be none.
    rare = {"demand": {"protocol_mix": {"slow": 0.99, "quick": 0.01}}}
    assert derived(rare) == [FULL, "08:00 short 09:00 long 10:00 long 11:00 long", FULL, "", "", "", ""]


def test_what_a_scarce_type_cannot_have_goes_to_the_others():
    # Half of the twelve would be six, but the doctor has two hours.
    half = {"demand": {"protocol_mix": {"slow": 0.5, "quick": 0.5}}}
    assert derived(half) == [FULL, "08:00 short 09:00 short 10:00 long 11:00 long", FULL, "", "", "", ""]


def test_starts_of_a_type_are_spread_over_the_days():
    # The doctor is there every day: of 24 starts in two chairs three are short, one a day.
    more = {
        "clinic": {"chairs": 2},
        "shifts": {
            **SCARCE["shifts"],
            "doctor": {**SCARCE["shifts"]["doctor"], "days": ["mon", "tue", "wed"]},
        },
        "demand": {"protocol_mix": {"slow": 0.875, "quick": 0.125}},
    }
    days = derived(more)[:3]
    assert [(day.count("short"), day.count("long")) for day in days] == [(1, 7)] * 3
    assert all(day.count("08:00 short") for day in days)


def test_listed_starts_count_towards_the_share_of_their_type():
    # Monday's four are listed, two of them short: no further short one is due.
    listed = [{"at": f"{hour:02d}:00", "visit": "short" if hour < 10 else "long"} for hour in (8, 9, 10, 11)]
    made = derived({"booking": {"starts": {"mon": listed}}})
    assert made == ["08:00 short 09:00 short 10:00 long 11:00 long", FULL, FULL, "", "", "", ""]


def test_a_holiday_drops_its_day_and_changes_no_other():
    usual = derived()
    closed = derived({"clinic": {"closed_on": ["2026-01-05"]}})
    assert closed == ["", *usual[1:]]


def test_starts_asked_for_and_offered_by_type():
    scenario = clinic(TWO, SCARCE, {"demand": {"referrals_per_week": 20}})
    by_visit = next(iter(capacity_on_paper(scenario)))["by_visit"]
    assert next(iter(capacity_on_paper(scenario)))["types"] == "typed"
    assert by_visit == {"long": {"asked": 16.0, "offered": 10}, "short": {"asked": 4.0, "offered": 2}}
    tuesday = next(iter(capacity_on_paper(scenario)))["weekdays"][1]["template"]
    assert [(start["at"], start["visit"]) for start in tuesday] == [
        ("08:00", "short"),
        ("09:00", "short"),
        ("10:00", "long"),
        ("11:00", "long"),
    ]
    # Two of each type are asked for, and of four listed starts one is short; the doctor has time for a dozen.
    kinds = zip((8, 9, 10, 11), ("short", "long", "long", "long"), strict=True)
    listed = [{"at": f"{hour:02d}:00", "visit": kind} for hour, kind in kinds]
    free = {**SCARCE["shifts"]["doctor"], "days": ["mon", "tue", "wed"], "hours": "08:00-12:00"}
    few = {
        "shifts": {**SCARCE["shifts"], "doctor": free},
        "booking": {"starts": {"mon": [], "tue": [], "wed": listed}},
        "demand": {"referrals_per_week": 4, "protocol_mix": {"slow": 0.5, "quick": 0.5}},
    }
    assert load_on_paper(clinic(TWO, SCARCE, few)) == pytest.approx(2.0)
    more = clinic(TWO, SCARCE, {"demand": {"referrals_per_week": 20}, "clinic": {"chairs": 2}})
    assert next(iter(capacity_on_paper(more)))["starts_per_week"] == 24
    assert next(iter(capacity_on_paper(scenario)))["one_more"]["chair"] == 12


def test_a_steady_start_knows_which_starts_a_type_has():
    # Of Tuesday's listed starts the mean of the short ones is 08:45; the long one is at ten.
    dates = Dates(clinic(TWO, TUESDAYS, referrals=[]), 0)
    assert [(dates._mean_start[plan][1] - r.DAY, dates._last_start[plan][1] - r.DAY) for plan in (0, 1)] == [
        (600.0, 600.0),
        (525.0, 570.0),
    ]


# -- bad input -------------------------------------------------------------------------------------------------

BAD = """
[booking]
types = "typed"
starts.mon = ["08:00", { at = "09:00", visit = "shrot" }]
starts.tue = [{ at = "08:00", visit = "long" }, { at = "08:30", visit = "long" }]
starts.wed = [{ at = "18:00", visit = "long" }]
"""


WHOLE = f"""
name = "Typed"{TYPES}[clinic]
chairs = 1
"""


def problems(text):
    """For each problem the line in which it is, the value, the rule and the nearest valid name."""
    whole = WHOLE + text
    with pytest.raises(ScenarioError) as error:
        from_toml(whole)
    lines = whole.splitlines()
    found = error.value.problems
    return [(lines[each.line - 1].split(" ")[0], each.value, each.rule, each.suggestion) for each in found]


def test_all_that_is_wrong_with_a_template_is_said_at_once():
    found = problems(BAD)
    assert [(line, value) for line, value, _, _ in found] == [
        ("starts.mon", '"08:00"'),
        ("starts.mon", '"09:00 shrot"'),
        ("starts.tue", '"08:30 long"'),
        ("starts.wed", '"18:00"'),
    ]
    assert [suggestion for _, _, _, suggestion in found] == [None, "short", None, None]
    assert "must say which type of visit" in found[0][2]
    assert "a type of visit that a protocol has" in found[1][2]
    assert "2 would be in a chair at once, and there is 1" in found[2][2]


def test_conversions_and_lists_need_starts_by_type():
    found = problems('[booking]\nconvert_days = 2\nstarts.mon = [{ at = "09:00", visit = "long" }]\n')
    assert [line for line, *_ in found] == ["convert_days", "starts.mon"]
    assert 'types = "typed"' in found[0][2]
    assert 'types = "typed"' in found[1][2]
    found = problems('[booking]\nmode = "walk-in"\ntypes = "typed"\n')
    assert [line for line, *_ in found] == ["types"]
