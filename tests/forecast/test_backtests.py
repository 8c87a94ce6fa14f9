"""Generated clinics cut half a year before their end: is what came one more of the foretold futures?

A clinic is simulated from its opening on and exported. The calibration sees the time before the cut, the forecast
is made from that alone, and what came after is held against it. If the forecast is right, what came is one more
future: its place among them (PIT) is uniform over many clinics.

`python -m tests.forecast.test_backtests` prints the table that stands in the documentation; with a number and a
file it makes so many clinics, from number SECOND on, and adds them to the file, so that several can be at work.
"""

import datetime as dt
import tempfile
from pathlib import Path

import numpy as np

from simclinic.calibration import Options
from simclinic.calibration.visits import understand
from simclinic.experiment.replication import Prepared, replicate
from simclinic.model import Plan, simulate
from simclinic.sampling.luck import Dealer
from simclinic.studies.backtest import cut_in_two, score
from simclinic.studies.forecast import from_today
from tests.exports.export import clean
from tests.exports.worlds import realistic

CLINICS = 200
AFTER = 26
SEED = 20260706
CHANCE = 0.001

WORLDS = {
    "young": ("run.weeks=130", "demand.referrals_per_week=6.5"),
    "thin": ("run.weeks=66", "demand.referrals_per_week=3"),
}
"""Small clinics from their opening on, three chairs where two would do. Young: about three new series a week, cut
after two years. Thin: half as many, cut after forty weeks."""

FUTURES = {"drawn": 40, "fixed": 20}
"""Settings that are not certain are drawn anew in each future, or taken for certain."""


def backtests(world, numbers):
    """Simulate, export, cut, forecast and score clinics: for each number what the documents say."""
    scenario = realistic(*WORLDS[world])
    plan, dealer = Plan(scenario), Dealer(scenario)
    end = scenario.run.start + dt.timedelta(weeks=scenario.run.weeks)
    cut = end - dt.timedelta(weeks=AFTER)
    said = Options(whole_history=True, as_of=end)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "visits.csv"
        for number in numbers:
            records = simulate(scenario, dealer.deal(SEED, number), plan)
            clean(records, scenario, seed=number).write(path)
            past = cut_in_two(understand(path, said), cut, said)
            found = {"number": number}
            for how, futures in FUTURES.items():
                fixed = how == "fixed"
                begins = from_today(
                    past.scenario, past.panel, weeks=AFTER, as_of=cut, seed=number, fixed=fixed
                )
                prepared = Prepared(begins, past.panel)
                given = [replicate(prepared, number, future).weeks["boosters"] for future in range(futures)]
                found[how] = score(past, np.array(given, dtype=float), cut, begins)
            yield found
