"""What the words of outputs are in clinics with several types of visit, roles and places."""

from simclinic.measures.intervals import CONSTANT
from simclinic.planning.capacity import capacity_on_paper
from simclinic.report.text.check import check_table
from simclinic.report.text.one_more import one_more_sentence
from simclinic.report.text.parts import in_use, label_of, part_tables
from simclinic.report.text.run import _alike, console
from simclinic.scenario import load
from simclinic.studies.check import checked
from tests.model.small import clinic
from tests.planning.test_wide_week import TWO_DAYS

TYPES, ROLES = "wait_minutes_mean:long", "cost_per_week:prescriber"


def test_visits_are_infusions_and_staff_nurses_unless_there_are_others():
    assert label_of("infusions_per_week", [TYPES]) == "Treatments"
    assert label_of("infusions_per_week", [ROLES]) == "Infusions"
    assert label_of("waited_for_hands_minutes_mean", [ROLES]) == "Waited for hands-on staff"
    assert label_of("waited_for_hands_minutes_mean", [TYPES]) == "Waited for a nurse's hands"


def test_kinds_of_a_weekday_that_look_alike_share_a_line():
    """Two kinds of Monday have as many starts; Saturday is open in some weeks only."""
    day = {"hours": "08:00-17:00", "limit": "chairs", "starts": 14}
    mondays = [{"weekday": "mon", "of_weeks": share} | day for share in (0.54, 0.46)]
    saturday = {"weekday": "sat", "of_weeks": 0.46} | day | {"starts": 3}
    assert list(_alike({"weekdays": [*mondays, saturday]})) == [
        ("Mon", "14 starts a day", "limited by chairs"),
        ("Sat", "3 starts a day in 46 % of weeks", "limited by chairs"),
    ]


def figure(mean):
    return {"mean": mean, "ci": [mean - 0.01, mean + 0.01], "n": 10}


def test_what_is_in_use_is_said_most_first():
    shares = {
        "chair_utilisation": 0.68,
        "nurse_hands_on_utilisation": 0.27,
        "nurse_watch_utilisation": 0.0,
        "chair_utilisation:room": 0.4,
        "nurse_hands_on_utilisation:therapist": 0.57,
    }
    kpis = {name: figure(mean) for name, mean in shares.items()}
    assert in_use({"kpis": kpis, "by_place": {"room": {}}}).split(", ")[2:] == [
        "most first: chairs 68.0 (67.0–69.0) %",
        "hands of therapist 57.0 (56.0–58.0) %",
        "room 40.0 (39.0–41.0) %",
        "hands of nurses 27.0 (26.0–28.0) %.",
    ]
    assert in_use({"kpis": kpis}) == ""


def of_types(**means):
    """A document with figures of two types of visit, `spray` with these."""
    usual = {
        "infusions_per_week": 30.0,
        "balked_share": 0.0,
        "wait_minutes_mean": 4.0,
        "wait_minutes_p90": 9.0,
    }
    types = {"infusion": usual, "spray": means}
    figures = {
        kind: {
            name: {"mean": mean, "method": CONSTANT if mean == 0 else "student"} for name, mean in of.items()
        }
        for kind, of in types.items()
    }
    kpis = {f"{name}:{kind}": one for kind, of in figures.items() for name, one in of.items()}
    return {"by_visit": figures, "kpis": kpis}


def rows_of(document):
    [table] = part_tables(document)
    return {each.label: [row.part for row in each.rows] for each in table.headings}, table.notes


def test_a_type_that_nobody_has_is_said_once_and_has_no_rows():
    rows, notes = rows_of(of_types(infusions_per_week=0.0, balked_share=None, wait_minutes_mean=None))
    assert all(parts == ["infusion"] for parts in rows.values())
    assert notes == ["No visit of the type 'spray' took place."]
    # All of them are turned away: that is a row.
    rows, notes = rows_of(of_types(infusions_per_week=0.0, balked_share=1.0, wait_minutes_mean=None))
    assert rows["Turned away"] == ["infusion", "spray"]
    assert rows["Visits"] == ["infusion"]
    assert notes == ["No visit of the type 'spray' took place."]


def test_a_wait_that_is_always_nothing_stands_beside_one_that_is_not():
    rows, notes = rows_of(of_types(infusions_per_week=9.0, wait_minutes_mean=1.0, wait_minutes_p90=0.0))
    assert rows["Wait on the day, 9 in 10 within"] == ["infusion", "spray"]
    assert "Turned away" not in rows
    assert notes == []


def test_many_roles_and_places_that_add_nothing_share_a_clause():
    plan = next(capacity_on_paper(clinic(TWO_DAYS)))
    plan["one_more"] = {
        "chair": 24.0,
        "nurses": {"day": 0.0},
        "staff": {"therapist": {"therapist": 6.0}},
        "places": {"lounge": 0.0, "room": 0.0},
        "hands": 1.0,
        "eyes": 0.0,
        "chair_and_nurses": 24.0,
    }
    assert one_more_sentence(plan) == (
        "One more chair adds 24 starts a week, one more therapist 6, one more nurse, lounge or room none."
    )
    plan["one_more"]["places"] = {"room": 0.0}
    assert one_more_sentence(plan) == (
        "One more chair adds 24 starts a week, one more therapist 6, one more nurse none, one more room none."
    )


def test_the_full_day_is_one_on_which_the_other_roles_work_and_headings_are_whole():
    """All days have twelve starts; the prescriber and the consult room are in use on Tuesdays and Thursdays."""
    text = hours("consult-days")
    assert text.startswith("Tue, hour by hour")
    assert text.splitlines()[1].split() == ["nurses'", "nurses'", "consult-", "prescriber:"]
    assert text.splitlines()[2].split() == ["chairs", "hands", "eyes", "room", "hands", "tightest"]


def test_what_is_tightest_is_whole_beside_many_resources():
    ten = hours("day-hospital").splitlines()[5:7]
    assert [line.split()[-1] for line in ten] == ["therapist:", "hands"]


def hours(name):
    """The hours of a full day, as `check` shows them at eighty characters."""
    screen = console(80)
    with screen.capture() as shown:
        screen.print(check_table(checked(load(f"scenarios/{name}.toml"), name)))
    return shown.get().partition("A full ")[2]
