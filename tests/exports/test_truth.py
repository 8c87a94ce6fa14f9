"""The true values are what exports of long simulations show, and are refused where there is no one value."""

import datetime
from collections import defaultdict

import numpy as np
import pytest
from scipy import stats

from simclinic.model import simulate
from simclinic.sampling import distributions
from simclinic.sampling.draws import draw
from simclinic.scenario import from_toml
from tests.exports.clinics import observable, realistic
from tests.exports.export import clean
from tests.exports.people import NOT_STARTED
from tests.exports.truth import true_values

LIMIT = 1e-4
"""Two-sided significance level of the tests; the seeds were fixed once."""

WORLDS = {
    "observable": lambda: observable("demand.referrals_per_week=40"),
    "folded": lambda: observable("demand.referrals_per_week=40", folded=True),
    "gives up": lambda: observable(
        "demand.referrals_per_week=40",
        "attendance.rebooks=0.6",
        "attendance.no_show=0.12",
        "relapse.days={dist='lognormal', mu=3.89, sigma=0.95, never=0.28}",
        "boosters.days={dist='weibull', shape=2, scale=40, never=0.1}",
        "protocols.twice-weekly.response_ratio=1.2",
        "relapse.follow_up_days=150",
    ),
}


class Seen:
    """Rows of an export by patient, without its truth."""

    def __init__(self, export):
        self.rows = export.rows
        self.first, self.cut = (
            datetime.datetime.combine(day, datetime.time()) for day in (export.first, export.cut)
        )
        self.series, self.boosters = defaultdict(list), defaultdict(list)
        for row in export.rows:
            if row.status == "completed":
                (self.series if row.kind == "induction" else self.boosters)[row.patient].append(row)

    def old_enough(self, row, days):
        return row.date < self.cut - datetime.timedelta(days=days)

    def gaps(self, infusions, watched):
        """Days from the last infusion of completed series, and from boosters, to the next; None: none yet.

        Only those that were watched for so many days afterwards.
        """
        after_series, after_booster = [], []
        for patient, series in self.series.items():
            if len(series) < infusions:
                continue
            chain = [series[-1], *self.boosters[patient]]
            for place, (row, later) in enumerate(zip(chain, [*chain[1:], None], strict=True)):
                if not self.old_enough(row, watched):
                    continue
                gap = None if later is None else (later.date - row.left).total_seconds() / 86400
                if gap is not None and gap > watched:
                    gap = None
                (after_booster if place else after_series).append(gap)
        return after_series, after_booster


@pytest.fixture(scope="module", params=WORLDS)
def drawn_scenario(request):
    scenario = WORLDS[request.param]()
    export = clean(simulate(scenario, draw(scenario, 11, 0)), scenario, seed=1, kind=True)
    return Seen(export), export.truth


def plausible(count, of, share):
    """Return whether `count` of `of` is compatible with a share, by the exact binomial test."""
    return stats.binomtest(count, of, share).pvalue > LIMIT


def test_starts_per_week(drawn_scenario):
    seen, truth = drawn_scenario
    begin = seen.first + datetime.timedelta(weeks=6)  # by then intake, notice and patience no longer matter
    starts = sum(series[0].date >= begin for series in seen.series.values())
    expected = truth.values.starts_per_week * (seen.cut - begin).days / 7
    # thinned and delayed, a Poisson stream stays one
    tails = stats.poisson.cdf(starts, expected), stats.poisson.sf(starts - 1, expected)
    assert 2 * min(tails) > LIMIT


def test_drop_out_by_infusion(drawn_scenario):
    seen, truth = drawn_scenario
    had = [len(series) for series in seen.series.values() if seen.old_enough(series[0], 90)]
    for k, share in enumerate(truth.values.drop_out, start=1):
        assert plausible(had.count(k), sum(number >= k for number in had), share), k
    assert plausible(had.count(6), len(had), truth.values.completes)


def test_missed_appointments(drawn_scenario):
    seen, truth = drawn_scenario
    statuses = [row.status for row in seen.rows]
    assert plausible(statuses.count("no-show"), len(statuses), truth.values.no_show)
    assert plausible(statuses.count("cancelled"), len(statuses), truth.values.late_cancel)


@pytest.mark.parametrize(("after", "watched"), [("series", 160), ("booster", 160)])
def test_returns(drawn_scenario, after, watched):
    """The share that returns, and the distribution of the time to return."""
    seen, truth = drawn_scenario
    values = truth.values
    returns = values.after_series if after == "series" else values.after_booster
    gaps = seen.gaps(len(values.visit_minutes), watched)[after == "booster"]
    back = [gap for gap in gaps if gap is not None]
    assert len(back) > 300
    assert plausible(len(back), len(gaps), returns.by(watched))
    most = returns.by(watched)
    assert stats.kstest(back, lambda x: np.array([returns.by(days) / most for days in x])).pvalue > LIMIT
    assert not values.delays


def test_visit_minutes(drawn_scenario):
    seen, truth = drawn_scenario
    values = truth.values

    def close(rows, mean):
        minutes = np.array([(row.left - row.checked_in).total_seconds() / 60 for row in rows])
        error = minutes.std(ddof=1) / np.sqrt(len(minutes))
        return abs(minutes.mean() - mean) < 4 * error

    for k, mean in enumerate(values.visit_minutes, start=1):
        rows = [series[k - 1] for series in seen.series.values() if len(series) >= k]
        assert close(rows, mean), k
    assert close([row for rows in seen.boosters.values() for row in rows], values.booster_minutes)


def test_folding_changes_no_value():
    as_it_is, folded = true_values(observable()), true_values(observable(folded=True))
    assert folded.after_series.share == pytest.approx(0.55 * 0.7 * 0.8)
    assert as_it_is.after_series.share == pytest.approx(folded.after_series.share)
    assert as_it_is.after_series.by(20) == pytest.approx(folded.after_series.by(20))
    assert folded.starts_per_week == as_it_is.starts_per_week


# -- the typical clinic --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def typical():
    # ample chairs and nurses, so that no patient is turned away and three years are a sufficient sample
    scenario = realistic("demand.referrals_per_week=30", "clinic.chairs=12", "shifts.day.nurses=12")
    export = clean(simulate(scenario, draw(scenario, 12, 0)), scenario, seed=1, kind=True)
    return Seen(export), export.truth


def test_values_of_the_typical_clinic_on_paper():
    values = true_values(realistic())
    assert values.starts_per_week == pytest.approx(10.3 * 0.88 * 0.85 * 0.65)
    assert values.drop_out == pytest.approx((0.10, 0.04, 0.04, 0.04, 0.04))
    assert values.completes == pytest.approx(0.90 * 0.96**4)
    assert (values.no_show, values.late_cancel) == (0.05, 0.05)
    assert values.after_series.share == pytest.approx(0.55 * 0.70 * 0.80, abs=1e-6)
    assert values.after_booster.share == pytest.approx(0.94, abs=1e-6)
    # 20 minutes more at first; a severe rise of blood pressure is likelier in the first three infusions
    first, second, third, *later = values.visit_minutes
    assert (first - second, second - third) == (pytest.approx(20), 0)
    assert [third - other for other in later] == pytest.approx(3 * [30 * (0.024 - 0.0067)])
    assert values.booster_minutes == later[0]
    assert values.delays == ("check-ins", "notice", "closed days and nights", "missed boosters")


def test_patients_who_do_not_rebook_are_lost_on_paper():
    """A fifth of appointments missed, half of those made again: 0.1 lost at once, 0.1 x 0.1 later, ...: 1/9."""
    values = true_values(
        realistic("attendance.no_show=0.15", "attendance.late_cancel=0.05", "attendance.rebooks=0.5")
    )
    assert values.starts_per_week == pytest.approx(10.3 * 0.88 * 0.85 * 0.65 * 8 / 9)
    assert values.drop_out[:2] == pytest.approx((1 - 0.90 * 8 / 9, 1 - 0.96 * 8 / 9))


def test_returns_end_with_the_follow_up_on_paper():
    """Half of all relapses come by day 40, when the follow-up ends."""
    distribution = "{dist='uniform', low=0, high=80, never=0.5}"
    values = true_values(realistic(f"relapse.days={distribution}", "relapse.follow_up_days=40"))
    assert values.after_series.share == pytest.approx(0.55 * 0.7 * 0.5 * 0.5)
    shares = [values.after_series.by(days) / values.after_series.share for days in (0, 10, 20, 40, 60)]
    assert shares == pytest.approx([0, 0.25, 0.5, 1, 1])


def test_as_many_return_to_the_typical_clinic_but_later(typical):
    """The true distribution is that of relapses; an export shows the boosters, which come days later."""
    seen, truth = typical
    values = truth.values
    gaps, _ = seen.gaps(6, 250)
    back = np.array([gap for gap in gaps if gap is not None])
    # within 250 days nearly all relapses have been answered (0.800 of 0.800 by day 200)
    assert values.after_series.share - values.after_series.by(200) < 0.001
    assert plausible(len(back), len(gaps), values.after_series.by(250))
    median = float(distributions.quantile(values.after_series.distribution, np.array([0.5]))[0])
    later = np.median(back) - median
    # notice of a day and, for half of them, half a week to the check-in; a weekend; now and then a missed one
    assert 1.5 < later < 7
    most = values.after_series.share
    ahead = stats.kstest(back, lambda x: np.array([values.after_series.by(days) / most for days in x]))
    assert ahead.pvalue < LIMIT


def test_the_typical_clinics_other_values(typical):
    seen, truth = typical
    for test in (test_starts_per_week, test_drop_out_by_infusion):
        test((seen, truth))
    statuses = [row.status for row in seen.rows]
    assert plausible(statuses.count("no-show"), len(statuses), truth.values.no_show)


def test_people_agree_with_the_values(typical):
    """The share of patients who completed the series, among those who started long enough ago."""
    seen, truth = typical
    began = [
        person
        for person in truth.people
        if person.stage != NOT_STARTED and person.began < seen.cut - datetime.timedelta(days=90)
    ]
    completed = [person for person in began if person.series == "completed"]
    assert plausible(len(completed), len(began), truth.values.completes)
    assert plausible(sum(person.responder for person in completed), len(completed), 0.55)
    shown = {patient: len(series) for patient, series in seen.series.items()}
    assert all(shown[person.record] == person.infusions for person in began)


@pytest.mark.parametrize(
    ("override", "why"),
    [
        ("demand.growth_per_year=0.1", "growth"),
        ("demand.protocol_mix={twice-weekly=0.5, thrice-weekly=0.5}", "several protocols"),
        ("response.stop_rule={after=1, sensitivity=0.9, specificity=0.7}", "a stop rule"),
        ("boosters.policy='both'", "scheduled boosters"),
        ("boosters.infusions=2", "boosters of several infusions"),
        ("boosters.lengthening=1.1", "lengthening"),
        ("booking.mode='walk-in'", "walk-in"),
    ],
)
def test_where_no_one_value_is_true_none_is_given(override, why):
    with pytest.raises(ValueError, match=why):
        true_values(realistic(override))


def test_changes_and_replays_have_no_one_value():
    for text, why in (
        ('name = "x"\n[changes."2026-06-01"]\n"clinic.chairs" = 4\n', "changes"),
        ('name = "x"\n[demand]\nreferrals = [2026-01-05]\n', "replayed referrals"),
    ):
        with pytest.raises(ValueError, match=why):
            true_values(from_toml(text))
