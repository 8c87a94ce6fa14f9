"""The patients of the past are those that a long warm-up would have had, whatever chairs, nurses and prices are."""

import numpy as np
import pytest

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.experiment import Task
from simclinic.experiment.executors.task_runner import TaskRunner
from simclinic.experiment.replication import Prepared, replay
from simclinic.experiment.same_patients import Beginnings
from simclinic.past.dates import Dates
from simclinic.past.past import Competition, Past
from simclinic.past.reach import reach
from simclinic.records import NEW
from simclinic.scenario import baseline, with_overrides

STEADY = ('run.begin="steady"', "run.warm_up_weeks=2", "run.weeks=4", "run.history_weeks=200")
GIVEN = (*STEADY, "run.history_delay_days=0.5")


def draws(*overrides, number=0, antithetic=False):
    prepared = Prepared(with_overrides(baseline(), list(overrides)))
    return prepared.sample(3, number, antithetic=antithetic)


def patients(drawn):
    """What is known of each patient who is there at the start, by identity."""
    return {(drawn.day[one.row], drawn.ordinal[one.row]): one._replace(row=0) for one in drawn.initial}


def same(one, other):
    return repr(one) == repr(other)  # NaN equals itself


@pytest.mark.parametrize(
    "changed",
    [
        "clinic.chairs=5",
        "shifts.day.nurses=4",
        "finance.price_per_booster=900",
        "booking.max_patients_in_series=9",
        "run.weeks=6",
    ],
)
def test_other_plans_and_prices_have_the_same_past(changed):
    before = patients(draws(*GIVEN))
    assert len(before) > 50
    after = patients(draws(*GIVEN, changed))
    assert same(after, before)


def test_more_referrals_keep_the_patients_and_add_others():
    few, many = (patients(draws(*GIVEN, f"demand.referrals_per_week={rate}")) for rate in (6, 12))
    assert len(few) < len(many)
    assert few.keys() <= many.keys()
    assert all(same(few[who], many[who]) for who in few)


def test_a_longer_past_adds_only_earlier_patients():
    short, long = (patients(draws(*GIVEN, f"run.history_weeks={weeks}")) for weeks in (150, 300))
    first = -7 * (2 + 150)
    assert {who for who in long if who[0] >= first} == set(short)
    assert all(same(short[who], long[who]) for who in short)


def test_they_are_the_patients_of_a_long_warm_up():
    """Each has the same protocol, response and referral as in a clinic that began empty."""
    steady = Prepared(with_overrides(baseline(), list(GIVEN)))
    empty = Prepared(
        with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=202", "run.weeks=4"])
    )
    ours, theirs = replay(steady, 3, 0).patients, replay(empty, 3, 0).patients
    place = {who: row for row, who in enumerate(zip(theirs["day"], theirs["ordinal"], strict=True))}
    rows = [place[who] for who in zip(ours["day"], ours["ordinal"], strict=True)]
    for column in ("protocol", "referred", "responder", "felt_at"):
        assert np.array_equal(ours[column], theirs[column][rows]), column
    assert (ours["origin"] == NEW).all()


def test_antithetic_pairs_mirror_the_past():
    one, mirrored = patients(draws(*GIVEN)), patients(draws(*GIVEN, antithetic=True))
    assert not same(one, mirrored)
    assert same(patients(draws(*GIVEN, antithetic=True)), mirrored)


def test_a_clinic_nobody_ever_leaves_has_no_steady_start():

    endless = with_overrides(
        baseline(), ['run.begin="steady"', "boosters.attrition=0", "relapse.days=20", "boosters.days=20"]
    )
    with pytest.raises(
        SimclinicError, match=r'no steady clinic exists.*run.begin = "empty".*run.history_weeks'
    ):
        reach(endless)
    assert reach(with_overrides(endless, ["run.history_weeks=300"])) == 300


def test_what_begins_and_how_far_back_are_checked():
    for wrong in ('run.begin="full"', "run.history_weeks=0", "run.history_delay_days=-1"):
        with pytest.raises(ScenarioError):
            with_overrides(baseline(), [wrong])


def test_pasts_computed_together_are_those_computed_alone():
    """In order, from the middle, mirrored: a replication's past depends on its number alone."""
    scenario = with_overrides(baseline(), [*GIVEN, "run.replications=9", "run.weeks=1"])
    together = Prepared(scenario)
    for antithetic in (False, True):
        alone = {}
        for number in (3, 4, 5, 6, 7, 8, 2):
            together.look_ahead(3, number, antithetic=antithetic)
            address = (number // 2, number % 2 == 1) if antithetic else (number, False)
            ours = patients(together.sample(3, address[0], antithetic=address[1]))
            theirs = patients(Prepared(scenario).sample(3, address[0], antithetic=address[1]))
            assert same(ours, theirs), number
            alone[number] = ours
        assert len({repr(each) for each in alone.values()}) == 7


def test_replications_asked_for_in_order_are_computed_together(monkeypatch):
    """One, two, four, eight, sixteen: each at once."""
    together = Prepared(with_overrides(baseline(), [*GIVEN, "run.replications=40", "run.weeks=1"]))
    sizes, live = [], Past.live

    def counted(past, streams, *others):
        sizes.append(len(streams))
        return live(past, streams, *others)

    monkeypatch.setattr(Past, "live", counted)
    for number in range(40):
        together.look_ahead(3, number, antithetic=False)
        together.sample(3, number, antithetic=False)
    assert sizes == [1, 2, 4, 8, 16, 9]


SHORT = (*STEADY, "run.weeks=1", "run.history_weeks=60")
ALIKE = ("clinic.chairs=5", "shifts.day.nurses=4", "finance.price_per_booster=900", "run.replications=9")


def test_plans_with_the_same_past_compute_it_once(monkeypatch):
    lived, live = [], Past.live

    def counted(past, streams, *others):
        lived.append(len(streams))
        return live(past, streams, *others)

    monkeypatch.setattr(Past, "live", counted)
    runner, delay = TaskRunner(), Competition(0.5, 0.5)
    one, *others = (
        with_overrides(baseline(), [*SHORT, *changed]) for changed in [(), *zip(ALIKE, strict=True)]
    )
    tasks = [
        Task(0, scenario, 3, number, competition=delay) for scenario in (one, *others) for number in (0, 1)
    ]
    found = [runner.run(task) for task in tasks]
    assert len(lived) == 2
    for task, outcome in list(zip(tasks, found, strict=True))[2:6]:
        assert outcome.kpis == pytest.approx(TaskRunner().run(task).kpis, rel=0, nan_ok=True)
    assert found[0].kpis != pytest.approx(found[2].kpis, nan_ok=True)  # the plans differ


@pytest.mark.parametrize(
    "changed",
    [
        "clinic.hours.fri='08:00-12:00'",
        "clinic.closed_on=[2025-12-03]",
        "shifts.day.days=['mon', 'tue', 'wed', 'thu']",
        "demand.referrals_per_week=9",
        "intake.accepts=0.6",
        'demand.protocol_mix={"thrice-weekly"=1.0}',
        "booking.booster_notice_days=4",
        "attendance.rebooks_booster=0.5",
        "visit.steps.infusion.minutes=50",
        "response.probability=0.5",
        "relapse.days=20",
        "boosters.attrition=0.1",
        "run.weeks=5",
        "run.history_weeks=61",
    ],
)
def test_what_changes_the_past_shares_nothing(changed):
    beginnings, delay = Beginnings(), Competition(0.5, 0.5)
    one, other = (with_overrides(baseline(), [*SHORT, *more]) for more in ((), (changed,)))
    begun = beginnings.of(one, Dates(one, reach(one)), delay)
    assert beginnings.of(other, Dates(other, reach(other)), delay) is not begun
    assert beginnings.of(one, Dates(one, reach(one)), delay) is begun


TYPES = (
    *SHORT,
    'protocols.thrice-weekly.visit="long"',
    'demand.protocol_mix={"twice-weekly"=0.5, "thrice-weekly"=0.5}',
    'visits.long={steps={monitoring={minutes=120, claims={nurse={watch=4}, prescriber="on-site"}}}}',
    "roles.prescriber={hour=150}",
    'shifts.doctor={days=["tue", "thu"], hours="08:00-17:00", role="prescriber", number=1}',
)


@pytest.mark.parametrize(
    ("changed", "shares"),
    [
        ("visits.long.steps.monitoring.minutes=130", False),
        ('protocols.twice-weekly.visit="long"', False),
        ('shifts.doctor.days=["tue", "wed", "thu"]', False),
        ('shifts.doctor.hours="08:00-12:00"', False),
        ("shifts.doctor.number=2", True),
        ("visits.long.price=500", False),  # nothing is lost by computing it again
        ("roles.prescriber.hour=10", True),
        ("clinic.chairs=6", True),
    ],
)
def test_what_changes_the_past_of_several_types(changed, shares):
    """When a visit can begin may depend on the roster of a role."""
    beginnings, delay = Beginnings(), Competition(0.5, 0.5)
    one, other = (with_overrides(baseline(), [*TYPES, *more]) for more in ((), (changed,)))
    begun = beginnings.of(one, Dates(one, reach(one)), delay)
    assert (beginnings.of(other, Dates(other, reach(other)), delay) is begun) == shares


def test_another_delay_is_another_past():
    beginnings, one = Beginnings(), with_overrides(baseline(), [*SHORT])
    dates = Dates(one, reach(one))
    begun = beginnings.of(one, dates, Competition(0.5, 0.5))
    assert beginnings.of(one, dates, Competition(0.5, 0.6)) is not begun


def test_what_is_shared_cannot_be_changed_by_one_of_them():
    intake, _ = Prepared(
        with_overrides(baseline(), [*SHORT, "run.history_delay_days=0.5"])
    )._sampler.beginning(3, 0, antithetic=False)
    with pytest.raises(ValueError, match="read-only"):
        intake.day[0] = 1
