"""Scenarios share the calendar of the past where nothing differs that dates depend on, and only there."""

import numpy as np
import pytest

from simclinic.past.dates import NONE, Dates, dates_of
from simclinic.records import BOOSTER, DAY, INDUCTION
from simclinic.scenario import baseline, with_overrides

WEEKS = 60
CLINIC = with_overrides(
    baseline(),
    [
        'run.begin="steady"',
        "run.warm_up_weeks=2",
        "run.weeks=4",
        f"run.history_weeks={WEEKS}",
        "run.history_delay_days=0",
    ],
)


def seen(dates: Dates, courses: int) -> list[np.ndarray]:
    """Return what a past of sixty weeks asks its calendar, with days counted from its end."""
    days = np.arange(-7 * WEEKS, 8)
    end = dates.index(np.array([dates.begins]))[0]
    since = dates.begins + days * DAY + np.array([[0.0], [500.0], [725.0], [1000.0]])
    protocols = range(len(dates.least))
    first = [dates.first(days + end, moments, np.zeros_like(days)) for moments in since]
    longest = [
        dates.courses(np.full_like(days, each), days + end, np.full_like(days, courses), np.ones_like(days))
        for each in protocols
    ]
    found = [dates.chains[:, days + end], dates.following[:, :, days + end], *first, *longest]
    plans = [dates.plan(kind, np.arange(len(dates.least)), 1) for kind in (INDUCTION, BOOSTER)]
    return [
        *(np.where(each == NONE, NONE, each - end) for each in found),
        *(dates.start(days + end, moments, np.zeros_like(days)) for moments in since),
        dates.answers(since),
        dates.walk_in(since),
        dates.least,
        dates.preferred,
        dates.minutes,
        dates.first_extra,
        *plans,
    ]


@pytest.mark.parametrize(
    "change",
    [
        'clinic.hours.fri="08:00-12:00"',
        'clinic.closed_on=["12-24/12-31"]',
        'shifts.day.days=["mon", "tue", "thu"]',
        'changes={"2025-06-02"={"clinic.hours.sat"="09:00-14:00", "shifts.day.days"=["tue", "sat"]}}',
        "booking.window_weeks=3",
        'booking.series="rolling"',
        'booking.starts={mon=["09:00", "13:00"]}',
        "protocols.twice-weekly.infusions=5",
        "protocols.twice-weekly.gap_days=[5, 7]",
        "visit.steps.infusion.minutes=200",
        "boosters.infusions=2",
        "run.start=2026-03-04",
        "run.warm_up_weeks=5",
    ],
)
def test_what_dates_depend_on_gives_a_calendar_of_its_own(change):
    dates_of(CLINIC)
    changed = with_overrides(CLINIC, [change])
    courses = max(laws.boosters.infusions for laws in changed.laws.values())
    for shared, alone in zip(
        seen(dates_of(changed), courses), seen(Dates(changed, WEEKS), courses), strict=True
    ):
        np.testing.assert_array_equal(shared, alone)
    assert dates_of(changed).chains is not dates_of(CLINIC).chains


def test_other_scenarios_share_it_whatever_the_length_of_their_past():
    clinic = with_overrides(CLINIC, ["run.start=2027-01-04"])  # of which nothing is known yet
    first = dates_of(clinic)
    others = [
        *(
            "response.probability=0.4",
            "boosters.uptake=0.3",
            "demand.referrals_per_week=7.0",
            "clinic.chairs=3",
        ),
        *("attendance.no_show=0.1", "finance.chair_day=3", "run.weeks=9", "run.history_weeks=150"),
    ]
    for change in others:
        found = dates_of(with_overrides(clinic, [change]))
        assert found.chains is first.chains
        assert found.weeks == (150 if "150" in change else WEEKS)
    assert first.weeks == WEEKS


def test_wider_clinics_share_nothing():
    """Which types of visit are asked for decides what the book offers, and follows from all of the scenario."""
    wide = with_overrides(
        CLINIC,
        [
            'visits.short={steps.infusion={minutes=60, chair=true, nurse="watch", patients_per_nurse=4}}',
            'protocols.twice-weekly.booster_visit="short"',
        ],
    )
    other = with_overrides(wide, ["boosters.uptake=0.3"])
    assert not wide.simple
    assert dates_of(wide).chains is not dates_of(other).chains
