"""What runs out first, in clinics in which that is known by construction."""

import csv
import datetime as dt
import json

import numpy as np
import pytest

from simclinic.experiment.pairs import Difference
from simclinic.planning.what_if import on_leave
from simclinic.report.text.bottleneck import (
    AWAY,
    WITH_OTHERS,
    away_cells,
    by_type,
    change_sentence,
    day_sentences,
    effect_cell,
    first_on_paper,
    first_sentence,
    heading,
    leave_sentence,
    load_sentence,
    newly_missed,
    others_wait,
    person,
    targets_sentence,
    use_cells,
    use_notes,
)
from simclinic.report.text.numbers import NO_VALUE
from simclinic.scenario import from_toml, replace
from simclinic.store.reader import table
from simclinic.studies.bottleneck import (
    _back_after,
    _busiest,
    _call,
    _on_paper,
    _runs_out,
    _state,
    bottleneck,
    limits_of,
    with_replications,
)
from simclinic.studies.run_options import RunOptions
from tests.command_line import scenario, simclinic
from tests.model.small import clinic
from tests.planning.test_wide_week import TWO_DAYS

__all__ = ["scenario", "simclinic"]

DAYS = '["mon", "tue", "wed", "thu", "fri"]'
HOURS = "\n".join(f'{day} = "08:00-{{closing}}"' for day in ("mon", "tue", "wed", "thu", "fri"))

BOOKED = """
name = "Known"
[run]
begin = "empty"
warm_up_weeks = 6
weeks = 8
[clinic]
chairs = {chairs}
[clinic.hours]
{hours}
[shifts.day]
days = {days}
hours = "07:30-19:00"
nurses = {nurses}
[demand]
referrals_per_week = {referrals}
[demand.protocol_mix]
once = 1.0
[intake]
contraindicated = 0.0
consult_no_show = 0.0
accepts = 1.0
[protocols.once]
infusions = 1
[booking]
start_every_minutes = 10
patience_days = 7
[attendance]
no_show = 0.0
late_cancel = 0.0
arrival_offset_minutes = 0
[response]
probability = 0.0
drop_out = [0.0]
[visit.steps.treatment]
minutes = {minutes}
nurse = "{nurse}"
"""

MMC = """
name = "M/M/3"
[run]
begin = "empty"
warm_up_weeks = 1
weeks = 6
[clinic]
chairs = 3
[clinic.hours]
mon = "24h"
tue = "24h"
wed = "24h"
thu = "24h"
fri = "24h"
sat = "24h"
sun = "24h"
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
hours = "24h"
nurses = 2
[demand]
referrals_per_week = 604.8
[demand.protocol_mix]
once = 1.0
[intake]
contraindicated = 0.0
consult_no_show = 0.0
accepts = 1.0
[protocols.once]
infusions = 1
[booking]
mode = "walk-in"
[response]
probability = 0.0
drop_out = [0.0]
[visit.steps.treatment]
minutes = { dist = "exponential", mean = 40 }
nurse = "none"
"""


WIDE = """
name = "Wide"
[run]
begin = "empty"
warm_up_weeks = 2
weeks = 4
[clinic]
chairs = 3
[clinic.hours]
{hours}
[shifts.day]
days = {days}
hours = "08:00-17:00"
nurses = 1
[shifts.doctor]
days = {days}
hours = "08:00-12:00"
role = "prescriber"
number = 1
[roles.prescriber]
hour = 150
[places.room]
number = 1
[demand]
referrals_per_week = 60
[demand.protocol_mix]
once = 1.0
[intake]
contraindicated = 0.0
consult_no_show = 0.0
accepts = 1.0
[protocols.once]
infusions = 1
[attendance]
no_show = 0.0
late_cancel = 0.0
arrival_offset_minutes = 0
[response]
probability = 0.0
drop_out = [0.0]
[visit.steps.treatment]
minutes = 60
place = "room"
claims = {{ prescriber = "hands-on" }}
"""


ON_SITE = (
    TWO_DAYS.replace("referrals_per_week = 4", "").replace("[demand.weekday_weights]\nmon = 1\n", ""),
    {
        "run": {"weeks": 8},
        "clinic": {"chairs": 3},
        "demand": {"referrals": [dt.date(2026, 1, 9) + dt.timedelta(days=7 * (n // 2)) for n in range(14)]},
    },
)
"""Two patients are referred each Friday, to a clinic that is open on Mondays and Tuesdays."""


def known(chairs=3, nurses=3, referrals=200, minutes=60, nurse="hands-on", closing="17:00"):
    hours = HOURS.format(closing=closing)
    return from_toml(
        BOOKED.format(
            chairs=chairs,
            nurses=nurses,
            referrals=referrals,
            minutes=minutes,
            nurse=nurse,
            hours=hours,
            days=DAYS,
        )
    )


def study(plan, tmp_path, replications=4, show=None, watch=None):
    options = RunOptions(out=tmp_path / "out", watch=watch)
    return bottleneck(with_replications(plan, replications, None), options, show=show).document


def stays(so_far, whole):
    """Check that what was shown after each plan is what the whole study shows, or less sure."""
    final = by_key(whole)
    assert [len(each["changes"]) for each in so_far] == list(range(len(final) + 1))
    assert all(each["leave"] is None for each in so_far)
    assert all(each["paper"] == whole["paper"] for each in so_far)
    surer = 0
    for known_then in so_far:
        for key, change in by_key(known_then).items():
            for name, found in change["effects"].items():
                last = final[key]["effects"][name]
                assert (found["difference"], found["ci"], found["p"]) == (
                    last["difference"],
                    last["ci"],
                    last["p"],
                )
                assert found["call"] != "shown" or last["call"] == "shown"
                if found["p"] is not None:
                    assert found["p_holm"] >= last["p_holm"]
                    surer += found["p_holm"] > last["p_holm"]
    assert surer


def by_key(document):
    return {each["key"]: each for each in document["changes"]}


def test_one_nurse_and_many_chairs(tmp_path):
    so_far, tried = [], []
    found = study(known(chairs=6, nurses=1, referrals=60), tmp_path, show=so_far.append, watch=tried.append)
    plans = ["the plan as it is", *(each["name"] for each in (*found["changes"], found["leave"]))]
    assert sorted(each.says.partition(": ")[2] for each in tried) == sorted(f"{name}." for name in plans)
    assert tried[0].says == f"Plan 1 of {len(plans)} is being simulated: the plan as it is."
    stays(so_far, found)
    assert so_far[0]["answer"][0].startswith("On paper nurses run out first, for example on ")
    assert found["paper"]["first"] == found["simulated"] == "nurses"
    assert found["answer"][0].startswith(
        "Nurses run out first, on paper and in the simulation, for example on "
    )
    changes = by_key(found)
    # One nurse begins nine visits of an hour a day, two nurses eighteen: 45 more starts a week.
    assert changes["nurse-day-more"]["starts"] == 45
    assert changes["nurse-day-more"]["effects"]["balked_share"]["call"] == "shown"
    assert changes["chair-more"]["effects"]["series_started_per_week"]["call"] == "same"
    assert found["changes"][0]["key"] == "nurse-day-more"
    assert found["sorted_by"] == "balked_share"
    assert {each["name"]: each["reason"] for each in found["not_possible"]} == {
        "one nurse fewer": "it is the only nurse"
    }


def test_one_chair_and_many_nurses(tmp_path):
    found = study(known(chairs=1, nurses=6, referrals=60), tmp_path)
    assert found["paper"]["first"] == found["simulated"] == "chairs"
    assert found["answer"][0].startswith(
        "Chairs run out first, on paper and in the simulation, for example on "
    )
    changes = by_key(found)
    assert changes["chair-more"]["starts"] == 45
    gained = changes["chair-more"]["effects"]["series_started_per_week"]
    assert gained["call"] == "shown"
    assert 0.9 * 15 < gained["difference"] <= 20  # 60 ask, 45 were begun at most
    assert changes["nurse-day-more"]["effects"]["series_started_per_week"]["call"] == "same"
    assert "One more nurse" in " ".join(found["answer"])
    # The one chair is in use all day, and no weekday is busier than another.
    chairs = next(each for each in found["resources"] if each["name"] == "chairs")
    assert chairs["used"] == pytest.approx(1.0, abs=0.02)
    assert len(chairs["busiest"]["weekdays"]) > 2
    assert chairs["busiest"]["share"] == pytest.approx(1.0, abs=0.01)


def test_other_roles_and_places_have_rows_of_their_own(tmp_path):
    """Every visit takes an hour in the one room with the prescriber, there from 8 to 12 of the nine open hours.

    Four visits a day, each hour of the prescriber's filled: of 45 open hours a week the room is taken in 20 on
    paper, and nobody can begin in the other 25, in which the prescriber is away.
    """
    wide = from_toml(WIDE.format(hours=HOURS.format(closing="17:00"), days=DAYS))
    found = study(wide, tmp_path, replications=2)
    rows = {each["name"]: each for each in found["resources"]}
    assert list(rows) == ["chairs", "hands", "eyes", "places:room", "hands:prescriber"]
    assert rows["hands:prescriber"]["paper"] == 1.0
    assert rows["places:room"]["paper"] == pytest.approx(20 / 45)
    assert rows["hands:prescriber"]["used"] > 0.9
    assert rows["places:room"]["used"] == pytest.approx(rows["hands:prescriber"]["used"] * 20 / 45, rel=0.05)
    assert use_cells(rows["hands:prescriber"])[0] == "prescriber: hands"
    for name in ("places:room", "hands:prescriber"):  # in the morning, every hour has its visit
        assert rows[name]["busiest"]["share"] > 0.9
        assert rows[name]["busiest"]["hour"] in (8, 9, 10)
    assert use_cells(rows["hands:prescriber"])[1] == "100 %, away 56 %"
    assert rows["hands:prescriber"]["there"] == pytest.approx(20 / 45)
    # Nobody is booked before the room is free again.
    assert rows["places:room"]["waited"]["mean"] == 0.0
    assert use_cells(rows["places:room"])[::4] == ("room", "0.0")
    assert others_wait(found["resources"])


def test_what_is_done_for_one_type_of_visit_is_said_of_it(tmp_path):
    """First visits of the one type begin on Tuesdays alone; with the role on Mondays, too, they begin then.

    Patients who ask on Fridays are booked when the clinic opens on Monday, and no day is ever full. So each patient
    of that type, and nobody else, begins on Monday at 9, no longer on Tuesday at 8.
    """
    found = study(clinic(*ON_SITE), tmp_path, replications=2)
    rows = {each["name"]: each for each in found["resources"]}
    assert list(rows) == ["chairs", "hands", "eyes", "on-site:prescriber"]
    assert use_cells(rows["on-site:prescriber"])[:3] == ("prescriber: on-site", "away 50 %", NO_VALUE)
    assert list(use_notes(found["resources"])) == [WITH_OTHERS, AWAY]
    assert by_type(found) == ["access_days_mean:infusion", "access_days_mean:long"]
    [monday] = [each for each in found["changes"] if each["kind"] == "role-day"]
    assert monday["effects"]["access_days_mean:long"]["difference"] == pytest.approx(-23 / 24)
    assert monday["effects"]["access_days_mean:infusion"]["difference"] == 0.0
    assert "bring first visits of long 0.96 days sooner" in monday["said"]
    assert any("One more day of the prescriber, on Mondays, would bring" in each for each in found["answer"])
    assert "treatments a week" in [each["label"] for each in found["leave"]["during"]]


def test_hours_that_are_too_short(tmp_path):
    # Two hours, less ten minutes: every chair has one visit of an hour a day, and half an hour more gives each a
    # second one, ten in all, where one more chair has one.
    found = study(known(chairs=2, nurses=5, referrals=40, closing="09:50"), tmp_path)
    assert found["paper"]["starts"] == 10
    assert found["paper"]["first"] == found["simulated"] == "hours"
    changes = by_key(found)
    assert [changes[key]["starts"] for key in ("later", "earlier", "chair-more", "nurse-day-more")] == [
        *(10, 10, 5, 0)
    ]
    assert found["answer"][0].startswith("Opening hours run out first, on paper and in the simulation")


@pytest.mark.parametrize(
    ("verdict", "says"),
    [
        ("stable", "As it is, the plan meets all targets."),
        (None, "As it is, the plan meets all targets."),
        ("not-stable", "in the measured weeks, but a queue goes on growing"),
        ("open", "in the measured weeks, but whether its queues go on growing is open"),
        ("filling", "in the measured weeks, but the clinic is still filling"),
    ],
)
def test_targets_that_are_met_last_only_in_a_stable_clinic(verdict, says):
    assert says in targets_sentence([{"kpi": "balked_share", "target": "<= 5 %", "state": "met"}], verdict)


def test_nothing_runs_out_in_an_empty_clinic(tmp_path):
    found = study(known(chairs=3, nurses=3, referrals=3), tmp_path)
    assert found["simulated"] is None
    assert "in the simulation nothing that was added alone is shown to improve" in found["answer"][0]
    # Eight weeks do not show that no queue grows.
    met = (
        "As it is, the plan meets all targets in the measured weeks, but whether its queues go on growing is"
    )
    assert (found["verdict"], f"{met} open." in found["answer"]) == ("open", True)
    for change in found["changes"]:
        assert change["effects"]["series_started_per_week"]["call"] in ("same", "too close")


def test_one_more_server_of_a_queue_that_theory_knows(tmp_path):
    found = study(from_toml(MMC), tmp_path, replications=8)
    assert found["paper"]["first"] == found["simulated"] == "chairs"
    wait = by_key(found)["chair-more"]["effects"]["wait_minutes_mean"]
    # Wq of M/M/3 and M/M/4 at 0.06 arrivals a minute and 40 minutes of service.
    truth = 7.18 - 43.1
    low, high = wait["ci"]
    assert low <= truth <= high
    assert high - low < 20
    assert by_key(found)["nurse-day-more"]["effects"]["wait_minutes_mean"]["call"] == "same"
    reasons = {each["name"]: each["reason"] for each in found["not_possible"]}
    assert reasons["a day"] == "the clinic is open on all seven days"


def test_differences_are_of_the_same_replications(tmp_path):
    found = study(known(chairs=2, nurses=3, referrals=60), tmp_path)
    folders = json.loads((tmp_path / "out" / "manifest.json").read_text())["scenarios"]
    base, other = (table(tmp_path / "out" / folders[name], "runs") for name in ("as it is", "chair-more"))
    effect = by_key(found)["chair-more"]["effects"]["series_started_per_week"]
    differences = other["series_started_per_week"] - base["series_started_per_week"]
    assert effect["difference"] == pytest.approx(differences.mean())
    assert effect["sd"] == pytest.approx(differences.std(ddof=1))
    assert effect["mean"] == pytest.approx(other["series_started_per_week"].mean())


def test_a_leave_is_felt_in_its_weeks(tmp_path):
    found = study(known(chairs=6, nurses=2, referrals=80), tmp_path)
    leave = found["leave"]
    assert (leave["since"], leave["weeks"]) == ("2026-02-02", 2)
    assert leave["starts"] == -45
    first = next(each for each in leave["during"] if each["name"] == "infusions")
    assert first["call"] == "shown"
    assert first["leave"] <= 45
    folders = json.loads((tmp_path / "out" / "manifest.json").read_text())["scenarios"]
    base, away = (table(tmp_path / "out" / folders[name], "weeks") for name in ("as it is", "leave"))
    base, away = (columns["infusions"].reshape(-1, 8) for columns in (base, away))
    # Before the leave nothing differs, and the figures are of its two weeks.
    assert (base[:, :3] == away[:, :3]).all()
    assert first["difference"] == pytest.approx((away - base)[:, 4:6].mean())


def test_changes_begin_with_the_same_past(tmp_path, simclinic, scenario):
    few = ("demand.referrals_per_week=4", "run.history_weeks=60", "clinic.chairs=1")
    overrides = (*few, 'run.begin="steady"', "run.weeks=7")
    settings = [word for each in overrides for word in ("--set", each)]
    out = tmp_path / "out"
    said = simclinic("bottleneck", scenario, *settings, "--replications", 1, "--json", "--out", out)
    assert said.status == 0, said.err
    folders = json.loads((out / "manifest.json").read_text())["scenarios"]
    base, away, four = (
        json.loads((out / folders[name] / "manifest.json").read_text())
        for name in ("as it is", "leave", "chair-more")
    )
    assert base["past"] == away["past"] == four["past"]
    assert base["past"]["booster_delay_days"] > 0
    assert (base["study"], four["study"]) == ("run", "run-same-past")
    ramps = [table(out / folders[name], "ramp")["boosters"] for name in ("as it is", "leave")]
    assert ramps[0][:6].sum() > 0
    assert (ramps[0][:6] == ramps[1][:6]).all()


# -- calls --------------------------------------------------------------------------------------------------------


def difference(mean, sd, ci):
    return Difference(mean, sd, ci, 10, None, None, None, None)


def test_calls():
    assert _call(difference(None, None, None), None) == "unknown"
    assert _call(difference(1.0, 1.0, (0.5, 1.5)), 0.049) == "shown"
    assert _call(difference(1.0, 1.0, (0.5, 1.5)), 0.051) == "perhaps"
    assert _call(difference(1.0, 3.0, (-0.5, 2.5)), 0.3) == "too close"
    assert _call(difference(0.0, 0.0, (0.0, 0.0)), 1.0) == "same"
    assert _call(difference(0.0, 0.0, (-0.1, 0.1)), 1.0) == "too close"  # neither has seen any
    assert _call(difference(100.0, 0.0, (100.0, 100.0)), 0.0) == "shown"


def test_states_of_targets():
    def state(low, high, sign="<=", limit=0.1):
        return _state({"mean": (low + high) / 2, "ci": [low, high], "unit": "share"}, sign, limit)

    assert [state(0.05, 0.1), state(0.05, 0.11), state(0.11, 0.2)] == ["met", "open", "missed"]
    assert [state(0.1, 0.2, ">="), state(0.05, 0.11, ">="), state(0.05, 0.09, ">=")] == [
        "met",
        "open",
        "missed",
    ]
    assert _state({"mean": None, "ci": None, "unit": "share"}, "<=", 0.1) == "unknown"


def test_the_queue_is_back_when_it_is_not_shown_to_be_longer_two_weeks_in_a_row():
    longer = np.array([[3.0, 2.0, 0.0, 2.0, 0.0, 0.0], [3.2, 2.1, 0.1, 2.2, 0.1, -0.1]])
    longer = np.vstack([longer, longer + 0.05])
    assert _back_after(longer) == 4
    assert _back_after(longer[:, :2]) is None
    assert _back_after(-longer) == 0


def test_the_busiest_hours_are_named_with_the_days_that_are_as_busy():
    shares = np.full((6, 7, 24), np.nan)
    shares[:, :5, 8:17] = 0.5
    shares[:, 1, 10:12] = 0.9
    shares[:, 3, 10:12] = 0.9
    shares[:, 4, 10:12] = 0.8
    noise = np.linspace(-0.01, 0.01, 6)[:, None, None] * np.array([1, 1, -1, -1, 1, 1, 1])[:, None]
    found = _busiest((shares + noise).reshape(6, 168))
    assert found == {"weekdays": ["tue", "thu"], "hour": 10, "share": pytest.approx(0.9), "others": False}
    shares[:, 0, 14:16] = 0.9
    found = _busiest((shares + noise).reshape(6, 168))
    assert found["others"]
    assert found["weekdays"] == (["tue", "thu"] if found["hour"] == 10 else ["mon"])
    assert _busiest(np.full((2, 168), np.nan)) is None


# -- words --------------------------------------------------------------------------------------------------------


def effect(difference, ci, call="shown", unit="1/week"):
    found = {"mean": 5.0, "difference": difference, "sd": 1.0, "ci": ci, "n": 10, "p": 0.0, "p_holm": 0.0}
    return found | {"unit": unit, "call": call}


def test_a_change_is_said_as_a_manager_would():
    change = {
        "key": "nurse-day-more",
        "name": "one more nurse in the shift day",
        "kind": "nurse",
        "more": True,
        "settings": {},
        "starts": 12.0,
        "verdict": "stable",
        "said": "",
        "targets": [{"kpi": "overtime_day_share", "target": "<= 10 %", "state": "missed"}],
        "effects": {
            "series_started_per_week": effect(2.13, [1.62, 2.64]),
            "access_days_mean": effect(-1.2, [-2.6, 0.2], "too close", "days"),
            "cost_per_week": effect(1834.0, [1830.0, 1838.0], unit="currency/week"),
            "margin_per_week": effect(-212.0, [-424.0, 0.5], "too close", "currency/week"),
        },
    }
    before = [{"kpi": "overtime_day_share", "target": "<= 10 %", "state": "met"}]
    assert change_sentence(change, "USD", before, "series_started_per_week") == (
        "One more nurse in the shift day would let 2.1 more patients a week begin (1.6 to 2.6), for USD 1,800 more "
        "a week; whether the margin gains is too close to call; but it would miss the target for days that run "
        "late, at most 10 %"
    )
    change["effects"]["series_started_per_week"] = effect(0.0, [0.0, 0.0], "same")
    assert change_sentence(change, "USD", before, "series_started_per_week") == (
        "One more nurse in the shift day would change nothing that can be shown, for USD 1,800 more a week; but it "
        "would miss the target for days that run late, at most 10 %"
    )


def day_more(day, call, difference=-2.6):
    change = {
        "name": f"one more day of the doctor, on {day}",
        "kind": "role-day",
        "more": True,
        "targets": [],
    }
    half = abs(difference) / 2
    found = effect(difference, [difference - half, difference + half], call, "days")
    effects = {"access_days_mean:long": found, "cost_per_week": effect(980.0, [980.0, 980.0])}
    change["effects"] = effects
    return change | {"said": change_sentence(change | {"effects": effects}, "USD", [], "access_days_mean")}


def test_a_day_more_is_said_day_by_day():
    """What is shown, or perhaps so, has a sentence; days of which nothing can be told stand together."""
    tried = [
        (day_more("Mondays", "too close"), False),
        (day_more("Tuesdays", "shown"), True),
        (day_more("Wednesdays", "perhaps"), False),
        (day_more("Fridays", "too close"), False),
    ]
    nothing = "nothing else that can be shown would change"
    sooner = "bring first visits of long 2.6 days sooner (1.3 to 3.9), for USD 980 more a week"
    assert list(day_sentences(tried, "USD")) == [
        f"One more day of the doctor, on Tuesdays, would {sooner}.",
        f"One more day of the doctor, on Wednesdays, would perhaps {sooner}; more replications would tell.",
        f"One more day of the doctor, on Mondays or Fridays (USD 980 more a week): {nothing}.",
    ]


def test_days_of_a_role_run_out_and_not_its_people():
    """One more prescriber on the same days need not help where another day does."""
    assert (
        _runs_out("role-day", "one more day of the prescriber in the shift late, on Mondays")
        == "prescriber days"
    )
    assert _runs_out("role", "one more prescriber in the shift late") == "prescriber"
    paper = {"starts": 6.0, "asked": 4.0, "first": "chairs", "limits": {"mon": "chairs"}}
    chairs = {"name": "chairs", "paper": 0.5, "used": 0.5, "busiest": None, "waited": None}
    assert first_sentence(paper, "prescriber days", [chairs], "access_days_mean") == (
        "On paper chairs run out first, in the simulation prescriber days."
    )


def test_starts_for_some_infusions_run_out_before_all_starts():
    """Three first infusions a week, where the doctor is there for three starts every other Saturday.

    Series take 18 of 41.5 starts: Monday to Friday eight a day, and half of three. On paper it is not chairs that
    run out first. The nurse on Saturdays is the only one with whom a first infusion can be given; that she cannot
    be left out stops no answer.
    """
    scenario = from_toml(SATURDAYS)
    paper = _on_paper(scenario, [])
    assert paper["scarce"] == {"visit": "infusion", "first": 1, "last": 1, "asked": 3.0, "fit": 1.5}
    scarce = "On paper starts for infusion number 1 run out first (3.00 a week are asked for, and at most 1.50 fit)"
    assert first_on_paper(paper, []) == f"{scarce}."
    assert first_sentence(paper, "chairs and nurses", [], "access_days_mean").startswith(f"{scarce}, in the")
    assert (
        load_sentence(paper, False)
        == "Patients ask for 18 of the 41.5 starts a week that the plan offers (43 %)."
    )
    assert on_leave(scenario, dt.date(2026, 2, 2)).shift == "day"
    seldom = from_toml(SATURDAYS.replace("referrals_per_week = 3", "referrals_per_week = 1"))
    assert "scarce" not in _on_paper(seldom, [])


SATURDAYS = """
name = "The doctor comes every other Saturday"
[run]
start = 2026-01-05
begin = "empty"
weeks = 8
[clinic]
chairs = 1
[clinic.hours]
mon = "08:00-16:00"
tue = "08:00-16:00"
wed = "08:00-16:00"
thu = "08:00-16:00"
fri = "08:00-16:00"
sat = { hours = "09:00-12:00", every = 2, from = 2026-01-10 }
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "08:00-16:00"
nurses = 1
[shifts.sat]
days = ["sat"]
hours = "09:00-12:00"
nurses = 1
every = 2
from = 2026-01-10
[roles.doctor]
hour = 150
[shifts.doctor]
days = ["sat"]
hours = "09:00-12:00"
role = "doctor"
number = 1
every = 2
from = 2026-01-10
[demand]
referrals_per_week = 3
[intake]
contraindicated = 0
consult_no_show = 0
accepts = 1
[attendance]
no_show = 0
late_cancel = 0
[booking]
start_every_minutes = 60
[visit.steps.infusion]
minutes = 60
nurse = "hands-on"
claims = { doctor = { need = "on-site", to_infusion = 1 } }
[response]
probability = 0
drop_out = [0]
"""


def test_figures_of_a_type_are_headed_by_it():
    assert heading("access_days_mean:long") == "days to begin: long"


def test_cells_say_how_sure_they_are():
    assert effect_cell("series_started_per_week", effect(2.13, [1.62, 2.64])) == "+2.1\n±0.5"
    assert effect_cell("series_started_per_week", effect(-0.1, [-0.4, 0.2], "too close")) == "~-0.1\n±0.3"
    assert effect_cell("balked_share", effect(0.02, [0.01, 0.03], "perhaps", "share")) == "?+2.0\n±1.0"
    assert effect_cell("cost_per_week", effect(1834.2, [1831.0, 1837.4])) == "+1,834\n±3"
    assert effect_cell("series_started_per_week", effect(0.0, [0.0, 0.0], "same")) == "same"
    assert [person(value) for value in (0, 0.0123, 7.0, 96.3, 1834)] == ["0", "0.012", "7.0", "96", "1,800"]


def test_targets_of_the_scenario_decide_the_order(tmp_path):
    plan = replace(known(chairs=1, nurses=6, referrals=60), targets={"access_days_p90": "<= 3"})
    assert limits_of(plan)["started_within_days_share"] == (">=", 0.9)
    found = study(plan, tmp_path, replications=3)
    states = {each["kpi"]: each["state"] for each in found["targets"]}
    assert states["started_within_days_share"] == "missed"
    assert found["sorted_by"] == "started_within_days_share"
    assert "begun in time, of all who asked, at least 90 %" in found["answer"][2]


def test_what_is_the_same_in_every_replication_has_no_interval():
    late = {"label": "late days a week", "now": 0.5, "leave": 0.0, "difference": -0.5, "call": "shown"}
    leave = {"name": "the nurse on leave", "since": "2026-02-02", "starts": 0, "back_after": 0}

    def said(ci):
        each = late | {"ci": ci}
        return leave_sentence(leave | {"during": [each]}), away_cells(each)[-1]

    assert said([-0.5, -0.5]) == (
        "With the nurse on leave, from 2026-02-02: 0.50 fewer late days a week",
        "-0.5",
    )
    sentence, cell = said([-0.7, -0.3])
    assert sentence.endswith("0.50 fewer late days a week (0.30 to 0.70)")
    assert "±0.2" in cell


def test_targets_in_years_are_judged_and_decide_the_order(tmp_path):
    # A chair for 60 referrals a week: in no year nine in ten begin within three days.
    plan = replace(
        known(chairs=1, nurses=6, referrals=60),
        targets={
            "access_days_p90": {"at_most": 3, "in": 0.8},
            "balked_share": "<= 1",
        },
    )
    found = study(plan, tmp_path, replications=6)
    [years] = [each for each in found["targets"] if "in 80 %" in each["target"]]
    assert (years["kpi"], years["state"]) == ("started_within_days_share", "missed")
    assert years["target"] == f">= 90 % in 80 % of periods of {plan.run.weeks} weeks"
    assert found["sorted_by"] == "started_within_days_share"
    assert "begun in time, of all who asked, at least 90 % in 80 % of periods" in found["answer"][2]


def test_a_target_that_is_newly_missed_is_another_limit_of_the_same_figure():
    before = [{"kpi": "slot_fill", "target": ">= 10 %", "state": "missed"}]
    broken = {"kpi": "slot_fill", "target": ">= 90 % in 80 % of years", "state": "missed"}
    assert newly_missed({"targets": [*before, broken]}, before) == [broken]


# -- the command --------------------------------------------------------------------------------------------------


def test_the_command_its_json_and_its_folder(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    arguments = ("bottleneck", scenario, "--replications", 2, "--no-report", "--out", out)
    said = simclinic(*arguments, "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert said.out == (out / "summary.json").read_text()
    assert found["study"] == "bottleneck"
    assert found["replications"] == 2
    rows = list(csv.DictReader((out / "summary.csv").read_text().splitlines()))
    assert len(rows) == len(found["changes"]) * len(found["kpis"])
    shown = simclinic(*arguments)
    assert max(len(line) for line in shown.out.splitlines()[:-1]) <= 80
    assert " ".join(found["answer"][0].split()) in " ".join(shown.out.split())
    again = simclinic("results", out)
    assert " ".join(found["answer"][-1].split()) in " ".join(again.out.split())
    assert simclinic("report", out).status == 0
    assert "What runs out first" in (out / "report.html").read_text()


def test_an_interrupted_study_gives_the_same_figures(simclinic, scenario, tmp_path, monkeypatch):
    arguments = ("bottleneck", scenario, "--replications", 2, "--no-report", "--json", "--workers", 1)
    undisturbed = simclinic(*arguments, "--out", tmp_path / "whole")
    from simclinic.studies import run as module

    kept, calls = module.outcomes, []

    def stops(tasks, executor, **more):
        for number, each in enumerate(kept(tasks, executor, **more)):
            calls.append(number)
            if len(calls) == 8:
                raise KeyboardInterrupt
            yield each

    monkeypatch.setattr(module, "outcomes", stops)
    out = tmp_path / "elsewhere" / "out"  # finished replications beside it would be reused
    said = simclinic(*arguments, "--out", out)
    assert said.status == 130
    assert "kept" in said.err
    monkeypatch.setattr(module, "outcomes", kept)
    assert simclinic(*arguments, "--out", out).out == undisturbed.out


def test_runs_of_the_same_plan_are_reused(simclinic, scenario, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (
        simclinic("run", scenario, "--replications", 2, "--set", "clinic.chairs=4", "--no-report").status == 0
    )
    said = simclinic("bottleneck", scenario, "--replications", 2, "--no-report", "--json")
    assert said.status == 0, said.err
    four = by_key(json.loads(said.out))["chair-more"]["effects"]["cost_per_week"]["mean"]
    fresh = simclinic(
        "run", scenario, "--replications", 2, "--set", "clinic.chairs=4", "--no-report", "--json"
    )
    assert json.loads(fresh.out)["kpis"]["cost_per_week"]["mean"] == four


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere.toml",), "no such file"),
        (("SMALL", "--set", "clinic.chairs=0"), "clinic.chairs"),
        (("SMALL", "--replications", "0"), "replications"),
        (("SMALL", "--uncertain"), "only with --panel"),
        (("SMALL", "SMALL"), "unexpected extra argument"),
    ],
)
def test_wrong_usage_is_told_and_writes_nothing(simclinic, scenario, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    said = simclinic("bottleneck", *(str(scenario) if each == "SMALL" else each for each in arguments))
    assert said.status == 2
    assert told in said.err
    assert said.out == ""
    assert not (tmp_path / "results").exists()
