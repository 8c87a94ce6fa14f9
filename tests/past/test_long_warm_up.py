"""A steady start against ten years of warm-up: every key figure, and no trend over the measured year."""

from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

import numpy as np
import pytest

from simclinic.experiment.replication import Prepared, replicate
from simclinic.measures import KPIS
from simclinic.scenario import load, with_overrides
from tests.analytic.estimates import LIMIT
from tests.docs.pages import ROOT

REPLICATIONS = 300
CLINICS = {
    "typical": ("baseline.toml",),
    "relapse as in the community": ("community-relapse.toml",),
    "three times a week": ("thrice-weekly.toml",),
    "scheduled boosters": ("baseline.toml", 'boosters.policy="scheduled"', "demand.referrals_per_week=8"),
    "growth": ("growing.toml",),
}
STARTS = {
    "steady": ('run.begin="steady"', "run.warm_up_weeks=12"),
    "ten years": ('run.begin="empty"', "run.warm_up_weeks=520"),
}


def _some(clinic, begin, numbers):
    file, *changes = CLINICS[clinic]
    scenario = with_overrides(load(ROOT / "scenarios" / file), [*changes, *STARTS[begin]])
    prepared = Prepared(scenario)
    done = [replicate(prepared, 7, number) for number in numbers]
    return [[each.kpis[name] for name in KPIS] for each in done], [each.weeks["boosters"] for each in done]


def simulated(clinic, begin):
    """Key figures, shape (replications, figures), and boosters by week, from two processes."""
    halves = np.array_split(np.arange(REPLICATIONS), 2)
    with ProcessPoolExecutor(2) as pool:
        results = list(pool.map(_some, repeat(clinic), repeat(begin), [half.tolist() for half in halves]))
    return np.array([row for rows, _ in results for row in rows]), np.array(
        [row for _, rows in results for row in rows]
    )


def t_of(one, other):
    """Differences of means in standard errors, without what cannot be computed in enough replications."""
    result = {}
    for place, name in enumerate(KPIS):
        here, there = (each[np.isfinite(each[:, place]), place] for each in (one, other))
        if min(len(here), len(there)) < REPLICATIONS / 2:
            continue
        error = np.sqrt(here.var(ddof=1) / len(here) + there.var(ddof=1) / len(there))
        difference = here.mean() - there.mean()
        result[name] = difference / error if error else np.sign(difference) * np.inf if difference else 0.0
    return result


@pytest.mark.long
@pytest.mark.parametrize("clinic", CLINICS)
def test_every_figure_is_that_of_ten_years_of_warm_up(clinic, capsys):
    (steady, weeks), (later, _) = (simulated(clinic, begin) for begin in STARTS)
    result = t_of(steady, later)
    sizes = np.abs(list(result.values()))
    worst = max(result, key=lambda name: abs(result[name]))
    week = np.arange(weeks.shape[1]) - (weeks.shape[1] - 1) / 2
    slope = weeks @ week / (week @ week)
    trend = slope.mean() / (slope.std(ddof=1) / np.sqrt(len(slope)))
    place = list(KPIS).index("boosters_per_week")
    with capsys.disabled():
        print(
            f"\n{clinic}: boosters a week {steady[:, place].mean():.2f} against {later[:, place].mean():.2f}, "
            f"t = {result['boosters_per_week']:+.2f}; {len(result)} figures, largest |t| {sizes.max():.2f} "
            f"({worst}), root mean square {np.sqrt((sizes**2).mean()):.2f}; trend over the year t = {trend:+.2f}"
        )
    assert len(result) > 40
    assert sizes.max() < LIMIT
    if clinic != "growth":
        assert abs(trend) < LIMIT
