"""Random inputs: the same for the same patient whatever the clinic does, and distributed as the scenario says."""

import numpy as np
import pytest
from scipy import stats

from simclinic import records as r
from simclinic.records import DAY
from simclinic.sampling import draw
from simclinic.sampling.distributions import cdf
from simclinic.sampling.streams import Streams
from simclinic.scenario import baseline, with_overrides
from tests.model.small import clinic
from tests.sampling.test_streams import BOUND, z_of_chi2

TYPICAL = with_overrides(
    baseline(),
    [
        'run.begin="empty"',
        "run.warm_up_weeks=6",
        "run.weeks=20",
        "attendance.no_show=0.2",
        "attendance.late_cancel=0.2",
    ],
)
BOOSTERS = 12  # asked of everybody; for most of them more than a clinic without queues would give


def assert_share(successes, trials, share):
    """A share is what the scenario says, by the exact binomial test (a sound one fails once in 24,000)."""
    assert trials > 50
    assert stats.binomtest(int(successes), int(trials), share).pvalue > 4.1e-5, (successes, trials, share)


def inputs(draws, boosters=BOOSTERS):
    """All random inputs, by the identity of the patient."""
    drawn = {}
    for row, who in enumerate(zip(draws.day.tolist(), draws.ordinal.tolist(), strict=True)):
        patient_inputs = {
            "reason": int(draws.reason[row]),
            "delay": round(float(draws.ready[row] - draws.referred[row]), 6),
            "responder": bool(draws.responder[row]),
            "felt": int(draws.felt_at[row]),
            "uptake": draws.uptake[row],
            "weight": float(draws.weight[row]),
        }
        if np.isfinite(draws.ready[row]) and row in draws.coming:
            given = draws.ends_after[row] or int(draws.infusions[row])
            patient_inputs["ends"] = draws.ends_after[row], draws.end_reason[row]
            patient_inputs["series"] = visits(
                draws,
                draws.series,
                "induction",
                row,
                (draws.series_row(row, number) for number in range(1, given + 1)),
            )
            patient_inputs["boosters"] = visits(
                draws,
                draws.boosters,
                "booster",
                row,
                (draws.booster_row(row, number) for number in range(1, boosters)),
            )
            if draws.responder[row] and not draws.ends_after[row]:
                patient_inputs["relapses"] = [draws.after_course(row, course) for course in range(boosters)]
        drawn[who] = patient_inputs
    return drawn


def whole_series(draws):
    """Rows of all visits of all series."""
    return [
        draws.series_row(patient, number)
        for patient in draws.coming.tolist()
        for number in range(1, (draws.ends_after[patient] or int(draws.infusions[patient])) + 1)
    ]


def every(quantity, rows):
    """One quantity of many visits."""
    return np.array([quantity(row) for row in rows])


def visits(draws, episodes, kind, patient, rows):
    return [
        (
            episodes.minutes(row),
            episodes.offset(row),
            [
                draws.visits.miss(kind, patient, number, episodes.misses(row), attempt)
                for attempt in range(10)
            ],
            episodes.patience(row),
        )
        for number, row in enumerate(rows, start=1)
    ]


@pytest.fixture(scope="module")
def typical():
    return inputs(draw(TYPICAL, 3, 1))


def same_for_those_in_both(one, other, *, but=()):
    both = one.keys() & other.keys()
    assert len(both) > 50
    compared = 0
    for who in both:
        for fact in one[who].keys() & other[who].keys() - set(but):
            value, again = one[who][fact], other[who][fact]
            if isinstance(value, float) and np.isnan(value):
                assert np.isnan(again)
            else:
                assert value == again, (who, fact)
            compared += fact in ("series", "boosters", "relapses")
    assert compared > 30


# -- Settings that leave all draws unchanged ----------------------------------------------------------------


@pytest.mark.parametrize(
    "overrides",
    [
        ["shifts.day.nurses=5", "shifts.day.absence=0.4"],
        ["clinic.chairs=9"],
        ["demand.referrals_per_week=19"],
        ["demand.growth_per_year=2.0"],
        ["demand.protocol_mix={thrice-weekly=1.0}"],
        ["demand.protocol_mix={twice-weekly=0.4, thrice-weekly=0.6}"],
        ["finance.price_per_infusion=1", "finance.nurse_hour=99"],
        ['run.begin="empty"', "run.warm_up_weeks=15"],
        ["run.weeks=3"],
        ["run.replications=2"],
        ["booking.window_weeks=3", "booking.series='rolling'", "booking.prefer_days=0"],
        ["dosing.mg_per_kg=[9.0]"],
        ["clinic.closed_on=['01-20']"],
    ],
    ids=lambda overrides: overrides[0],
)
def test_a_setting_that_does_not_concern_them_moves_nobody(typical, overrides):
    same_for_those_in_both(typical, inputs(draw(with_overrides(TYPICAL, overrides), 3, 1)))


@pytest.mark.parametrize(
    ("overrides", "moved"),
    [
        (["visit.steps.recovery.minutes=50"], {"series", "boosters"}),
        (["relapse.days={dist='exponential', mean=30}"], {"relapses"}),
        (["boosters.days={dist='exponential', mean=30}", "boosters.attrition=0.5"], {"relapses"}),
        (["response.probability=0.9"], {"responder", "felt"}),
        (["response.felt_by=[1.0]"], {"felt"}),
        (["response.drop_out=[0.5]"], {"ends", "series"}),
        (["response.stop_rule={after=2, sensitivity=0.5, specificity=0.5}"], {"ends", "series"}),
        (["intake.days_to_consult=9"], {"delay"}),
        (["attendance.no_show=0.6"], {"series", "boosters"}),
        (["visit.complications.prolonged-recovery.probability=0.9"], {"series", "boosters"}),
        (["boosters.uptake=0.1"], {"uptake"}),
        (["dosing.weight_kg=70"], {"weight"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_changed_quantity_moves_itself_and_nothing_else(typical, overrides, moved):
    other = inputs(draw(with_overrides(TYPICAL, overrides), 3, 1))
    same_for_those_in_both(typical, other, but=moved)
    assert any(typical[who].get(fact) != other[who].get(fact) for who in typical for fact in moved)


def test_other_steps_leave_a_step_alone():
    other = with_overrides(TYPICAL, ["visit.steps.recovery.minutes=50"])
    one, two = draw(TYPICAL, 3, 1), draw(other, 3, 1)
    names = list(TYPICAL.visit.steps)
    same = [names.index(name) for name in names if name != "recovery"]
    np.testing.assert_array_equal(
        *(every(each.series.minutes, whole_series(each))[:, same] for each in (one, two))
    )


def test_seed_and_replication_move_everything():
    base, others = draw(TYPICAL, 3, 1), [draw(TYPICAL, 3, 2), draw(TYPICAL, 4, 1), draw(TYPICAL, 1, 3)]
    for other in others:
        few = min(len(base.weight), len(other.weight))
        assert (base.weight[:few] != other.weight[:few]).mean() > 0.95  # light patients share a bound


def test_the_same_again():
    assert repr(inputs(draw(TYPICAL, 3, 1))) == repr(inputs(draw(TYPICAL, 3, 1)))


def test_antithetic_patients_are_mirror_images():
    one, other = draw(TYPICAL, 3, 1), draw(TYPICAL, 3, 1, antithetic=True)
    places = {who: row for row, who in enumerate(zip(other.day, other.ordinal, strict=True))}
    pairs = [
        (row, places[who]) for row, who in enumerate(zip(one.day, one.ordinal, strict=True)) if who in places
    ]
    assert len(pairs) > 100
    unclipped = 0
    for row, mirrored in pairs:
        weights = one.weight[row], other.weight[mirrored]
        if min(weights) > 40:  # the lower bound
            assert sum(weights) == pytest.approx(160, rel=1e-12)
            unclipped += 1
    assert unclipped > 90


# -- Beyond what was written down beforehand ---------------------------------------------------------------


def test_boosters_without_end_are_those_that_would_have_been_written():
    # A run of one week expects hardly any boosters, one of twelve years nearly all that are asked for here.
    short = with_overrides(TYPICAL, ["run.weeks=1", "boosters.attrition=0.02"])
    long = with_overrides(short, ["run.weeks=624", "demand.growth_per_year=-0.999"])
    brief, full = draw(short, 3, 1), draw(long, 3, 1)
    limits = {
        (full.day[row], full.ordinal[row]): full._booster_supply._needed[row]
        for row in range(len(full.day))
        if full.day[row] < 7
    }
    assert max(limits.values()) > 30
    one, other = inputs(brief, 40), inputs(full, 40)
    both = one.keys() & other.keys()
    assert sum(limits[who] > 20 and "boosters" in one[who] for who in both) > 5
    for who in both:
        for fact in ("boosters", "relapses"):
            if fact in one[who]:
                assert one[who][fact] == other[who][fact]


def test_two_hundred_boosters_are_all_different():
    draws = draw(TYPICAL, 3, 1)
    row = int(draws.coming[0])
    offsets = [draws.boosters.offset(draws.booster_row(row, number)) for number in range(1, 201)]
    assert len(set(offsets)) == 200
    relapses = [draws.after_course(row, course)[0] for course in range(200)]
    assert len(set(relapses)) >= 199


def test_asking_for_one_patients_boosters_leaves_the_others_alone():
    draws, other = draw(TYPICAL, 3, 1), draw(TYPICAL, 3, 1)
    for number in range(1, 100):
        draws.booster_row(int(draws.coming[3]), number)
        draws.after_course(int(draws.coming[3]), number)
    for row in other.coming[:40].tolist():
        for number in range(1, 30):
            assert draws.boosters.minutes(draws.booster_row(row, number)) == other.boosters.minutes(
                other.booster_row(row, number)
            )


@pytest.mark.parametrize("kind", ["induction", "booster"])
def test_misses_beyond_eight_in_a_row(kind):
    scenario = with_overrides(
        TYPICAL,
        ["attendance.no_show=0.5", "attendance.late_cancel=0.4", "attendance.rebooks=0.8",
         "attendance.rebooks_booster=0.3"],
    )  # fmt: skip
    draws = draw(scenario, 3, 1)
    streams = Streams(3, 1, "referral")
    again_share = 0.8 if kind == "induction" else 0.3
    beyond = 0
    for row in draws.coming.tolist():
        place = draws.series_row(row, 1) if kind == "induction" else draws.booster_row(row, 1)
        misses = (draws.series if kind == "induction" else draws.boosters).misses(place)
        at = np.array([draws.day[row]]), np.array([draws.ordinal[row]]), np.array([1])
        for attempt in range(14):
            shows, again = streams.uniform([f"{kind}/attendance", f"{kind}/rebooks"], *at, attempt)[:, 0]
            drawn = draws.visits.miss(kind, row, 1, misses, attempt)
            if shows >= 0.9:
                assert drawn is None
                break
            assert drawn == (r.NO_SHOW if shows < 0.5 else r.CANCELLED, again < again_share)
            beyond += attempt >= 8
    assert beyond > 20


# -- Shares and distributions -------------------------------------------------------------------------------

CROWD = """
[run]
weeks = 40
[demand]
referrals_per_week = 200.0
"""


def crowd(*texts, seed=1):
    return draw(clinic(CROWD, *texts), seed, 0)


def test_intake():
    draws = crowd("[intake]\ncontraindicated = 0.12\nconsult_no_show = 0.15\naccepts = 0.65")
    code = draws.reason
    assert_share((code == r.INELIGIBLE).sum(), len(code), 0.12)
    eligible = code != r.INELIGIBLE
    assert_share((code == r.NO_CONSULT).sum(), eligible.sum(), 0.15)
    consulted = eligible & (code != r.NO_CONSULT)
    assert_share((code == r.DECLINED).sum(), consulted.sum(), 0.35)
    assert (np.isfinite(draws.ready) == (code == 0)).all()
    assert (np.isfinite(draws.consulted) == consulted).all()
    assert (np.isnan(draws.left) == (code == 0)).all()


def test_delays_of_intake():
    draws = crowd(
        "[intake]\ncontraindicated = 0.2\nconsult_no_show = 0.2\naccepts = 0.5\n"
        'days_to_consult = { dist = "uniform", low = 1, high = 3 }\ndays_to_decide = 2'
    )
    code = draws.reason
    waited = (draws.consulted - draws.referred) / DAY
    there = np.isfinite(waited)
    cells = np.bincount(((waited[there] - 1) * 10).astype(int), minlength=20)
    assert abs(z_of_chi2(cells, there.sum() / 20)) < BOUND
    np.testing.assert_allclose((draws.ready - draws.consulted)[code == 0], 2 * DAY, rtol=1e-12)
    np.testing.assert_allclose(draws.left[code == r.DECLINED], draws.consulted[code == r.DECLINED] + 2 * DAY)
    assert (draws.left == draws.referred)[code == r.INELIGIBLE].all()
    missed = (draws.left - draws.referred)[code == r.NO_CONSULT] / DAY
    assert (missed >= 1).all()
    assert (missed <= 3).all()


TWO_PROTOCOLS = """
[protocols.long]
infusions = 8
gap_days = [1, 3]
response_ratio = 1.2
[protocols.short]
infusions = 3
gap_days = [1, 3]
response_ratio = 0.8
[demand.protocol_mix]
long = 0.75
short = 0.25
[response]
probability = 0.5
felt_by = [0.3, 0.2, 0.0, 0.1, 0.4]
drop_out = [0.2, 0.1, 0.05]
[boosters]
uptake = 0.5
[dosing]
weight_kg = { dist = "normal", mean = 80, sd = 10, at_least = 40 }
"""


@pytest.fixture(scope="module")
def two():
    return crowd(TWO_PROTOCOLS)


def test_each_relapse_is_reported_or_not_whatever_the_one_before():
    draws = crowd("[response]\nprobability = 1.0\n[boosters]\nself_report = 0.5\n[run]\nweeks = 4")
    drawn = np.array(
        [[draws.after_course(row, course)[1] for course in range(4)] for row in draws.coming.tolist()]
    )
    assert_share(drawn.sum(), drawn.size, 0.5)
    # What is drawn once a patient would never differ from one relapse to the next; this differs half the time.
    differs = drawn[:, 1:] != drawn[:, :-1]
    assert_share(differs.sum(), differs.size, 0.5)


def test_protocol_and_response(two):
    long = two.protocol == 0
    assert_share(long.sum(), len(long), 0.75)
    assert_share(two.responder[long].sum(), long.sum(), 0.6)
    assert_share(two.responder[~long].sum(), (~long).sum(), 0.4)


def test_what_is_latent_is_independent(two):
    latent = {
        "responder": two.responder[two.protocol == 0],
        "uptake": np.array(two.uptake)[two.protocol == 0],
        "heavy": two.weight[two.protocol == 0] > np.median(two.weight),
    }
    names = sorted(latent)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            correlation = np.corrcoef(latent[one], latent[other])[0, 1]
            assert abs(correlation) * np.sqrt(len(latent[one])) < BOUND, (one, other)


@pytest.mark.parametrize(("protocol", "shares"), [(0, [0.3, 0.2, 0.0, 0.1, 0.4]), (1, [0.6, 0.4, 0.0])])
def test_response_is_felt(two, protocol, shares):
    here = two.protocol == protocol
    assert (two.felt_at[here & ~two.responder] == 0).all()
    felt = two.felt_at[here & two.responder]
    assert felt.min() >= 1
    counts = np.bincount(felt - 1, minlength=len(shares))
    assert len(counts) == len(shares)
    for count, share in zip(counts, shares, strict=True):
        if share:
            assert_share(count, len(felt), share)
        else:
            assert count == 0


def test_drop_out(two):
    ends = np.array(two.ends_after)[two.coming]
    protocol = two.protocol[two.coming]
    for code, infusions in enumerate((8, 3)):
        here = ends[protocol == code]
        assert here.max() == infusions - 1  # after the last there is nothing to drop out of
        left = len(here)
        for infusion in range(1, infusions):
            now = (here == infusion).sum()
            assert_share(now, left, (0.2, 0.1, 0.05)[min(infusion, 3) - 1])
            left -= now
    assert set(np.array(two.end_reason)[two.coming][ends > 0]) == {r.DROPPED_OUT}


def test_response_and_drop_out_are_independent(two):
    here = two.coming[two.protocol[two.coming] == 0]
    stays = np.array(two.ends_after)[here] == 0
    assert_share(two.responder[here][stays].sum(), stays.sum(), 0.6)


@pytest.mark.parametrize("after", [1, 2, 3])
def test_stop_rule_comes_before_drop_out(after):
    draws = crowd(
        TWO_PROTOCOLS,
        f"[response]\nstop_rule = {{ after = {after}, sensitivity = 0.94, specificity = 0.71 }}",
    )
    without = crowd(TWO_PROTOCOLS)
    ends, reason = np.array(draws.ends_after), np.array(draws.end_reason)
    here = draws.coming[draws.protocol[draws.coming] == 0]
    ends, reason, responder = ends[here], reason[here], draws.responder[here]
    anyway = np.array(without.ends_after)[here]
    reached = (anyway == 0) | (anyway >= after)
    stopped = reason == r.STOPPED_EARLY
    assert (ends[stopped] == after).all()
    assert reached[stopped].all()
    assert_share(stopped[responder].sum(), reached[responder].sum(), 0.06)
    assert_share(stopped[~responder].sum(), reached[~responder].sum(), 0.71)
    # Whoever is not stopped does what they would have done.
    np.testing.assert_array_equal(ends[~stopped], anyway[~stopped])


def test_nobody_is_stopped_after_the_last_infusion():
    draws = crowd(
        TWO_PROTOCOLS, "[response]\nstop_rule = { after = 3, sensitivity = 0.5, specificity = 1.0 }"
    )
    short = draws.coming[draws.protocol[draws.coming] == 1]
    assert r.STOPPED_EARLY not in np.array(draws.end_reason)[short]


PROGRAMME = """
[response]
probability = 1.0
[relapse]
days = { dist = "lognormal", mu = 2.7, sigma = 0.63, never = 0.2 }
[boosters]
uptake = 0.7
attrition = 0.06
self_report = 0.3
lengthening = 1.1
days = { dist = "exponential", mean = 20, at_most = 300 }
"""


@pytest.fixture(scope="module")
def programme():
    draws = crowd(PROGRAMME)
    rows = draws.coming[:3000].tolist()
    return draws, {
        course: [
            np.array(part) for part in zip(*(draws.after_course(row, course) for row in rows), strict=True)
        ]
        for course in (0, 1, 2, 5, 18)
    }


def test_relapse_after_the_series(programme):
    draws, courses = programme
    days, reports, _ = courses[0]
    assert_share(np.isinf(days).sum(), len(days), 0.2)
    happen = days[np.isfinite(days)]
    u = stats.lognorm.cdf(happen, 0.63, scale=np.exp(2.7))
    assert abs(z_of_chi2(np.bincount((u * 20).astype(int), minlength=20), len(u) / 20)) < BOUND
    assert_share(reports.sum(), len(reports), 0.3)
    assert_share(np.array(draws.uptake).sum(), len(draws.uptake), 0.7)


@pytest.mark.parametrize("course", [1, 2, 5, 18])
def test_relapse_after_boosters_is_put_off_further_each_time(programme, course):
    days, reports, leaves = programme[1][course]
    scaled = days / 1.1 ** (course - 1)
    assert scaled.max() <= 300 * (1 + 1e-12)
    u = stats.expon.cdf(scaled, scale=20)
    assert abs(z_of_chi2(np.bincount((u * 20).astype(int), minlength=20), len(u) / 20)) < BOUND
    assert_share(reports.sum(), len(reports), 0.3)
    assert_share(leaves.sum(), len(leaves), 0.06)


def test_what_follows_one_course_tells_nothing_of_the_next(programme):
    ranks = [stats.rankdata(programme[1][course][0]) for course in (1, 2, 5)]
    for one, other in ((0, 1), (1, 2), (0, 2)):
        correlation = np.corrcoef(ranks[one], ranks[other])[0, 1]
        assert abs(correlation) * np.sqrt(len(ranks[0])) < BOUND


# -- Visits ------------------------------------------------------------------------------------------------

VISITS = """
[protocols.four]
infusions = 4
gap_days = [1, 3]
[demand.protocol_mix]
four = 1.0
[visit.steps.start]
minutes = { dist = "gamma", mean = 15, cv = 0.3 }
first_visit_extra_minutes = 100
[visit.steps.drip]
minutes = 40
[visit.steps.rest]
minutes = { dist = "lognormal", median = 32, sigma = 0.32, at_least = 30 }
[visit.complications.early]
step = "drip"
probability = 0.2
from_infusion = 2
to_infusion = 3
extra_minutes = 1
[visit.complications.late]
step = "drip"
probability = 0.1
from_infusion = 4
to_infusion = 5
extra_minutes = { dist = "uniform", low = 10, high = 20 }
[visit.complications.always]
step = "drip"
probability = 0.05
extra_minutes = 200
"""


@pytest.fixture(scope="module")
def lengths():
    """Minutes of start, drip and rest by lifetime infusion number (5 is the first booster), shape (rows, 3)."""
    draws = crowd(VISITS)
    rows = draws.coming[:1500].tolist()
    by_number = {
        number: np.array([draws.series.minutes(draws.series_row(row, number)) for row in rows])
        for number in range(1, 5)
    }
    for booster in (1, 2, 3):
        by_number[4 + booster] = np.array(
            [draws.boosters.minutes(draws.booster_row(row, booster)) for row in rows]
        )
    return by_number


def test_the_first_visit_takes_longer_and_no_other(lengths):
    gamma = stats.gamma(1 / 0.09, scale=15 * 0.09)
    for number, minutes in lengths.items():
        u = gamma.cdf(minutes[:, 0] - (100 if number == 1 else 0))
        assert abs(z_of_chi2(np.bincount((u * 20).astype(int), minlength=20), len(u) / 20)) < BOUND


def test_steps_are_clipped(lengths):
    rest = np.concatenate([minutes[:, 2] for minutes in lengths.values()])
    distribution = clinic(VISITS).visit.steps["rest"].minutes
    assert rest.min() == 30.0
    assert_share((rest == 30.0).sum(), len(rest), float(cdf(distribution, np.array([30.0]))[0]))
    assert_share((rest < 40.0).sum(), len(rest), stats.lognorm.cdf(40 / 32, 0.32))


def test_complications_by_infusion_number(lengths):
    for number, minutes in lengths.items():
        over = minutes[:, 1] - 40.0
        always = over >= 200
        rest = np.where(always, over - 200, over)
        late = rest >= 10
        early = np.isclose(rest, 1)
        assert (late | early | (rest == 0)).all()
        assert_share(always.sum(), len(over), 0.05)
        assert_share(early.sum(), len(over), 0.2) if number in (2, 3) else not early.any()
        assert early.any() == (number in (2, 3))
        assert late.any() == (number in (4, 5))  # the fifth is the first booster
        if number in (4, 5):
            assert_share(late.sum(), len(over), 0.1)
            extra = rest[late]
            assert 10 <= extra.min() < extra.max() <= 20
            assert abs(extra.mean() - 15) < BOUND * 10 / np.sqrt(12 * len(extra))


def test_complications_of_different_visits_are_independent(lengths):
    one, other = lengths[2][:, 1] % 10 == 1, lengths[3][:, 1] % 10 == 1
    assert_share((one & other).sum(), len(one), 0.04)


def test_attendance():
    draws = crowd("[attendance]\nno_show = 0.07\nlate_cancel = 0.11\nrebooks = 0.6")
    first = [draws.series.misses(draws.series_row(row, 1)) or [] for row in draws.coming.tolist()]
    total = len(first)
    assert_share(sum(bool(m) and m[0][0] == r.NO_SHOW for m in first), total, 0.07)
    assert_share(sum(bool(m) and m[0][0] == r.CANCELLED for m in first), total, 0.11)
    missed = [m for m in first if m]
    assert_share(sum(m[0][1] for m in missed), len(missed), 0.6)
    # The second attempt is missed as often as the first.
    assert_share(sum(len(m) > 1 for m in missed), len(missed), 0.18)


def test_punctuality():
    draws = crowd('[attendance]\narrival_offset_minutes = { dist = "normal", mean = -10, sd = 9.8 }')
    u = stats.norm.cdf(every(draws.series.offset, whole_series(draws)), -10, 9.8)
    assert abs(z_of_chi2(np.bincount((u * 20).astype(int), minlength=20), len(u) / 20)) < BOUND


def test_walk_in_patients_have_patience_and_no_appointment_to_miss():
    draws = crowd(
        "[attendance]\nno_show = 0.5\narrival_offset_minutes = -10",
        '[booking]\nmode = "walk-in"\npatience_minutes = { dist = "exponential", mean = 25 }',
    )
    rows = whole_series(draws)
    assert set(every(draws.series.offset, rows)) == {0.0}
    assert {draws.series.misses(row) for row in rows} == {None}
    u = stats.expon.cdf(every(draws.series.patience, rows), scale=25)
    assert abs(z_of_chi2(np.bincount((u * 20).astype(int), minlength=20), len(u) / 20)) < BOUND


def test_a_mean_raised_lengthens_every_visit():
    drawn = [
        draw(with_overrides(TYPICAL, [f"visit.steps.discharge.minutes.mean={mean}"]), 3, 1)
        for mean in (10, 11)
    ]
    shorter, longer = (every(each.series.minutes, whole_series(each)) for each in drawn)
    place = list(TYPICAL.visit.steps).index("discharge")
    assert (longer[:, place] > shorter[:, place]).all()


# -- The team ----------------------------------------------------------------------------------------------


def test_absences():
    draws = draw(TYPICAL, 3, 1)
    days = np.arange(4000)
    away = draws.absences("day", days, 3, 0.08)
    assert_share(away.sum(), 12_000, 0.08)
    distribution = stats.binom.pmf(np.arange(3), 3, 0.08)
    expected = 4000 * np.append(distribution[:2], 1 - distribution[:2].sum())
    assert abs(z_of_chi2(np.bincount(np.minimum(away, 2)), expected)) < BOUND


def test_one_more_nurse_leaves_the_others_absences_alone():
    draws = draw(TYPICAL, 3, 1)
    days = np.arange(-500, 500)
    counts = np.array([draws.absences("day", days, nurses, 0.2) for nurses in range(6)])
    assert set(np.diff(counts, axis=0).ravel()) == {0, 1}
    assert (draws.absences("day", days[::-1], 4, 0.2)[::-1] == counts[4]).all()
    assert (draws.absences("night", days, 4, 0.2) != counts[4]).any()


def test_more_absence_takes_the_same_nurses_and_others():
    draws = draw(TYPICAL, 3, 1)
    days = np.arange(1000)
    assert (draws.absences("day", days, 3, 0.3) >= draws.absences("day", days, 3, 0.1)).all()
    assert draws.absences("day", days, 3, 0.0).sum() == 0
    assert (draws.absences("day", days, 3, 1.0) == 3).all()


def test_courses_drawn_when_asked_for_are_those_that_would_have_been_written():
    # Inputs of a patient without prepared ones (who never entered the programme) have the same distributions: the
    # relapse after the series its own, those after boosters theirs.
    written = draw(with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=208"]), 1, 0)
    patient = next(row for row in written.coming.tolist() if written._booster_supply._needed[row] > 17)
    expected = [written.after_course(patient, course) for course in range(17)]
    written.follows[patient].clear()
    written._chunks.clear()
    assert [written.after_course(patient, course) for course in range(1, 17)] == expected[1:]
    assert written.after_course(patient, 0)[:2] == expected[0][:2]
