"""Sentences of answers, for results made by hand."""

import pytest

from simclinic.measures import KPIS
from simclinic.report.text.bottleneck import begins_text, leave_sentence
from simclinic.report.text.check import check_table
from simclinic.report.text.table import Console, Table
from simclinic.report.text.words import grouped_warnings
from simclinic.scenario import from_toml
from simclinic.studies.bottleneck import _of_changes
from simclinic.studies.check import checked
from tests.planning.plans import ONE_CHAIR


def effect(difference, call="shown", mean=50.0):
    interval = [difference, difference]
    return {"mean": mean, "difference": difference, "ci": interval, "call": call, "unit": "minutes"}


def change(name, *, more, wait, call="shown", cost=0.0, targets=()):
    return {
        "name": name,
        "kind": "nurse",
        "more": more,
        "said": f"{name[0].upper()}{name[1:]} would matter",
        "targets": [*targets],
        "effects": {"wait_minutes_mean": effect(wait, call), "cost_per_week": effect(cost)},
    }


def of_changes(changes, first=None, before=()):
    return _of_changes(changes, first, before, "USD")


def test_one_fewer_that_is_better_is_said_beside_the_worst():
    more = change("one more nurse", more=True, wait=0.0, call="same")
    better = change("one nurse fewer in the shift late", more=False, wait=-30.0)
    bad = change("one chair fewer", more=False, wait=10.0)
    worst = change("one nurse fewer in the shift early", more=False, wait=45.0)
    idle = change("one place fewer", more=False, wait=0.0, call="same")
    assert of_changes([more, better, bad, worst, idle]) == [
        "No single addition changes anything for the better that can be shown.",
        "One place fewer: nothing that can be shown would change.",
        "One nurse fewer in the shift late would matter.",
        "One nurse fewer in the shift early would matter.",
    ]
    # It turns patients away, so the others wait less.
    mixed = change("one nurse fewer on Saturdays", more=False, wait=-5.0)
    mixed["effects"]["balked_share"] = {**effect(0.05, mean=0.3), "unit": "share"}
    assert "One nurse fewer on Saturdays would matter." not in of_changes([more, mixed, worst])
    assert of_changes([more, better]) == [
        "No single addition changes anything for the better that can be shown.",
        "One nurse fewer in the shift late would matter.",
    ]


LATE = {"kpi": "overtime_day_share", "target": "<= 10 %", "by": None}


def test_what_runs_out_first_is_said_though_it_breaks_a_target():
    """It comes last of what helps, since more patients make more days run late."""
    some = [change(f"open on {day}", more=True, wait=-20.0) for day in ("Mondays", "Tuesdays", "Fridays")]
    chair = change("one more chair", more=True, wait=-30.0, targets=[{**LATE, "state": "missed"}])
    said = of_changes([*some, chair], chair, [{**LATE, "state": "open"}])
    assert said == [
        f"{name} would matter." for name in ("Open on Mondays", "Open on Tuesdays", "One more chair")
    ]
    assert of_changes([chair, *some], chair) == [
        "One more chair would matter.",
        "Open on Mondays would matter.",
    ]


def test_what_changes_nothing_but_money_says_how_much():
    """A nurse less saves her pay: that nothing would change would be wrong."""
    useful = change("one more chair", more=True, wait=-30.0)
    idle = change("one more nurse", more=True, wait=0.0, call="too close", cost=1834.0)
    free = change("closing later", more=True, wait=0.0, call="same")
    spare = change("one nurse fewer", more=False, wait=0.1, call="too close", cost=-1834.0)
    assert of_changes([useful, idle, free, spare]) == [
        "One more chair would matter.",
        "One more nurse (USD 1,800 more a week) or closing later: nothing else that can be shown would change.",
        "One nurse fewer (USD 1,800 less a week): nothing else that can be shown would change.",
    ]
    many = [change(f"one more {number}", more=True, wait=0.0, call="same", cost=10.0) for number in range(5)]
    assert "5 other changes would change nothing that can be shown but the cost." in of_changes(
        [useful, *many]
    )


def test_what_would_miss_a_target_does_not_change_nothing():
    """The difference is too close to call, and with it the target is shown to be missed."""
    useful = change("one more chair", more=True, wait=-30.0)
    spare = change(
        "one nurse fewer", more=False, wait=0.1, call="too close", targets=[{**LATE, "state": "missed"}]
    )
    assert of_changes([useful, spare], before=[{**LATE, "state": "open"}]) == [
        "One more chair would matter.",
        "One nurse fewer would matter.",
    ]
    assert of_changes([useful, spare], before=[{**LATE, "state": "missed"}])[1:] == [
        "One nurse fewer: nothing that can be shown would change.",
    ]


def test_a_leave_that_changes_nothing_that_is_counted_says_what_is_counted():
    leave = {"during": [], "starts": 0.0, "name": "a nurse on leave", "since": "2026-02-02", "back_after": 0}
    assert leave_sentence(leave) == (
        "With a nurse on leave, from 2026-02-02: no difference is shown in these weeks in visits, appointments "
        "that the clinic cancels, patients turned away or late days"
    )


@pytest.mark.parametrize(
    ("weeks", "since"), [(0, "the first"), (1, "1 week before the"), (8, "8 weeks before the")]
)
def test_since_when_a_change_is_in_force(weeks, since):
    told = begins_text({"horizon": {"warm_up_weeks": weeks}})
    assert told == f"Each change is in force from {since} measured week{'s' * (weeks > 0)} on."


def test_figures_that_are_missing_are_called_by_their_labels():
    away = "could not be computed in 1 of 4 replications, which are left out: nobody had a first infusion"
    never = "cannot be computed: no booster was given"
    told = grouped_warnings(
        [
            f"access_days_mean {away}",
            f"access_days_p90 {away}",
            f"booster_wait_days_mean {away}",
            f"symptomatic_days_mean {never}",
            "a clinic that cannot be computed: this is none",
            "2 replications failed",
        ],
        (),
    )
    assert told[0] == f"3 figures {away}"
    assert told[1] == f"{KPIS['symptomatic_days_mean'].label} {never}"
    assert told[2:] == ["a clinic that cannot be computed: this is none", "2 replications failed"]
    assert grouped_warnings([f"access_days_mean {away}"], ()) == [f"{KPIS['access_days_mean'].label} {away}"]


def lines(part, width):
    console = Console(width=width, no_color=True)
    with console.capture() as screen:
        console.print(part)
    return [line.rstrip() for line in screen.get().splitlines()]


def test_a_week_with_roles_and_pauses_breaks_no_time_of_the_day():
    text = ONE_CHAIR.replace('mon = "08:00-12:00"', 'mon = ["08:00-12:00", "13:00-17:00"]')
    text = text.replace(
        'wed = "08:30-12:00"', 'wed = { hours = "08:30-12:00", every = 2, from = 2026-01-07 }'
    )
    text += """
    [roles.prescriber]
    hour = 100
    [shifts.doctor]
    days = ["mon"]
    hours = "08:00-12:00"
    role = "prescriber"
    number = 1
    """
    shown = "\n".join(lines(check_table(checked(from_toml(text), "week.toml")), 80))
    week = shown.partition("The week")[2].partition("One more")[0]
    words = ("prescriber", "08:00-12:00,", "13:00-17:00", "08:30-12:00", "2026-01-07),", "limited", "chairs")
    assert set(words) <= set(week.split())
    assert "50 % of weeks" in " ".join(week.split())


@pytest.mark.parametrize(("width", "whole"), [(21, True), (16, True), (15, True), (14, False)])
def test_words_stay_whole_where_there_is_room(width, whole):
    # Two columns of 8 and 9 characters, 3 between them and behind; the longest words have 5 and 7.
    table = Table(pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.whole_words = True
    table.add_column("")
    table.add_column("")
    table.add_row("12345 67", "7654321 9")
    text = "\n".join(lines(table, width))
    words = "".join(letter if letter.isdigit() else " " for letter in text).split()
    assert (sorted(words) == ["12345", "67", "7654321", "9"]) == whole
    assert sorted("".join(words)) == sorted("1234567" + "76543219")  # nothing is cut
