"""The sample panel: today's patients of a busy typical clinic in its third year, all of them invented."""

import datetime as dt

import numpy as np

from simclinic.model import simulate
from simclinic.sampling.draws import draw
from simclinic.scenario import baseline, with_overrides
from tests.forecast.cut import known, written

SEED = 20260107
YEARS = 2.5


def panel() -> str:
    """Write the panel as of the morning of Monday, 5 January 2026.

    Patients without contact for half a year after a booster are left out, as clinics do.
    """
    scenario = with_overrides(
        baseline(),
        [
            'run.begin="empty"',
            f"run.warm_up_weeks={round(52 * YEARS)}",
            "run.weeks=1",
            "demand.referrals_per_week=12",
        ],
    )
    rng = np.random.default_rng(SEED)
    numbers = (1000 + rng.permutation(9000)).tolist()
    rows, _ = known(
        scenario,
        simulate(scenario, draw(scenario, SEED, 0)),
        exact=False,
        name=lambda row: f"K-{numbers[row]}",
    )
    since = scenario.run.start - dt.timedelta(days=scenario.boosters.lapsed_after_days)
    kept = [row for row in rows if not row["boosters_done"] or row["last_infusion_on"] >= since.isoformat()]
    return written(sorted(kept, key=lambda row: row["patient"]))
