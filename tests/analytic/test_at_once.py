"""Shares that wait, queue lengths and numbers at once, held to theory as the program measures them.

Erlang's queue (M/M/c) has all of them in closed form; where nobody may wait, the number of chairs in use depends on
the mean length alone (M/G/c/c); in a Jackson network every place is such a queue by itself; and a priority does not
change how many wait.
"""

import math

import numpy as np
import pytest

from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.sampling.draws import Sampler
from simclinic.scenario import load, replace
from tests.analytic.cases.case import FOLDER
from tests.analytic.estimates import LIMIT, Estimate, described
from tests.analytic.test_wider import clinic, exponential, network
from tests.analytic.theory import erlang

SIZE = pytest.mark.parametrize("replications", [8, pytest.param(300, marks=pytest.mark.long)])


def in_system(chairs, load, most=400):
    """Probabilities of 0, 1, ... patients in Erlang's queue."""
    weights = [1.0]
    for k in range(1, most):
        weights.append(weights[-1] * load / min(k, chairs))
    return np.array(weights) / sum(weights)


def in_use(chairs, load):
    """Probabilities of 0, 1, ... chairs in use."""
    there = in_system(chairs, load)
    return [*there[:chairs].tolist(), float(there[chairs:].sum())]


def waiting(chairs, load, most):
    """Probabilities of 0, 1, ... patients waiting, up to `most`."""
    there = in_system(chairs, load)
    return [float(there[: chairs + 1].sum()), *there[chairs + 1 : chairs + most + 1].tolist()]


def mean_queue(rate, length, chairs):
    return rate * erlang.mean_wait(rate, length, chairs)


def hold(scenario, exact, replications):
    """Hold key figures, and shares of time by (what, part), to theory."""
    timetable, sampler = Timetable(scenario), Sampler(scenario)
    found = {}
    for replication in range(replications):
        result = measure(
            simulate(scenario, sampler.sample(scenario.run.seed, replication), timetable), scenario
        )
        for name, value in exact.items():
            if isinstance(value, float):
                visits = result.kpis["infusions_per_week"] if name.endswith("_share") else 1.0
                found.setdefault((name, value), []).append((result.kpis[name] * visits, visits))
                continue
            rows = (result.at_once["what"] == name[0]) & (result.at_once["part"] == name[1])
            shares = result.at_once["share"][rows]
            assert shares.sum() == pytest.approx(1.0)
            for number, share in enumerate(value):
                simulated = shares[number] if number < len(shares) else 0.0
                found.setdefault((f"{name}: {number}", share), []).append((simulated, 1.0))
    estimates = [Estimate(name, value, *np.array(rows).T) for (name, value), rows in found.items()]
    print(f"\n{described(estimates)}")
    off = [estimate for estimate in estimates if not abs(estimate.t) < LIMIT]
    assert not off, described(off)


@SIZE
def test_erlangs_queue(replications):
    rate, length, chairs = 0.06, 40.0, 3
    scenario = replace(load(FOLDER / "three-chairs.toml"), run={"weeks": 4, "warm_up_weeks": 1})
    hold(
        scenario,
        {
            "waited_share": erlang.erlang_c(chairs, rate * length),
            "delayed_share": erlang.wait_tail(rate, length, chairs, 15.0),
            "queue_length_mean": mean_queue(rate, length, chairs),
            ("in_use", "chair"): in_use(chairs, rate * length),
            ("waiting", "chair"): waiting(chairs, rate * length, 4),
        },
        replications,
    )


@SIZE
def test_where_nobody_may_wait_the_mean_length_decides_how_many_chairs_are_in_use(replications):
    kinds = {
        "infusion": {"long": {"minutes": 60}},
        "short": {"first": {"minutes": exponential(5)}, "second": {"minutes": exponential(15)}},
    }
    rate, chairs = 0.09, 4
    scenario = clinic({"infusion": 0.5, "short": 0.5}, kinds, chairs, rate, booking={"waiting_room": 0})
    weights = np.array([(rate * 40.0) ** k / math.factorial(k) for k in range(chairs + 1)])
    exact = {
        ("in_use", "chair"): (weights / weights.sum()).tolist(),
        "infusions_per_week": rate * 10080 * (1 - erlang.erlang_b(chairs, rate * 40.0)),
    }
    hold(scenario, exact, replications)


@SIZE
def test_every_place_of_a_jackson_network_is_a_queue_by_itself(replications):
    rate, means = 0.03, {"chair": 22.0, "room": 35.0, "bay": 70.0}
    scenario = network(rate, means)
    shares, number = {"room": 0.6, "bay": 0.4}, {"room": 1, "bay": 2}
    exact = {
        "queue_length_mean": mean_queue(rate, means["chair"], 1),
        ("in_use", "chair"): in_use(1, rate * means["chair"]),
        "waited_share:infusion": erlang.erlang_c(1, rate * means["chair"]),
    }
    queues = {"chair": waiting(1, rate * means["chair"], 200)}
    for place, share in shares.items():
        load_ = share * rate * means[place]
        exact |= {
            f"waited_for_chair_minutes_mean:{place}": erlang.mean_wait(
                share * rate, means[place], number[place]
            ),
            f"queue_length_mean:{place}": mean_queue(share * rate, means[place], number[place]),
            ("in_use", place): in_use(number[place], load_),
            ("waiting", place): waiting(number[place], load_, 2),
        }
        queues[place] = waiting(number[place], load_, 200)
    # The three numbers are independent, and all who wait are in the lobby.
    lobby = np.convolve(np.convolve(queues["chair"], queues["room"]), queues["bay"])
    exact["in_lobby", ""] = lobby[:3].tolist()
    hold(scenario, exact, replications)


@SIZE
def test_hands_of_nurses_are_in_use_as_erlangs_servers(replications):
    nurses = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "hours": "24h", "nurses": 2}
    step = {"step": {"minutes": exponential(30), "nurse": "hands-on"}}
    rate = 0.05
    scenario = clinic(
        {"infusion": 0.5, "other": 0.5},
        {"infusion": step, "other": step},
        900,
        rate,
        shifts={"always": nurses},
    )
    exact = {
        ("hands_on", "nurse"): in_use(2, rate * 30.0),
        ("in_use", "chair"): in_system(2, rate * 30.0)[:4].tolist(),
        "delayed_share:other": erlang.wait_tail(rate, 30.0, 2, 15.0),
    }
    hold(scenario, exact, replications)
