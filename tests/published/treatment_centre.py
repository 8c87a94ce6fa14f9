"""A treatment centre: triage, registration, examination and treatment, and a way of its own for trauma.

Source: treat-sim 3.0.0 (Monks and others, github.com/pythonhealthdatascience/stars-treat-sim), after exercise 13 of
Nelson, "Foundations and methods of stochastic simulation" (2013). The figures are those of its notebook, 50 days
each. A day begins at six, and is looked at for 19 hours; a wait counts once the service has begun, a stay once the
patient has left, and a station is in use for the whole length of each service that has begun.

The source draws the time to the next arrival at the rate of the hour in which the last patient came, however long
that time is; a Poisson process would change its rate on the hour. So the first patients of a busy hour come late.
:func:`as_drawn` replays arrivals drawn like that; with a Poisson process, examination and treatment are in use by a
hundredth more, and two more patients are out in time: three to four standard errors of the printed figures.
"""

import datetime
from collections.abc import Callable, Iterator

import numpy as np

from simclinic.model import simulate
from simclinic.records import Records
from simclinic.sampling import draw
from simclinic.scenario import Scenario, replace
from tests.published.figure import NOT_KNOWN, Figure, Sums, System, errors_off, records, scenario

BEGIN, END = 6 * 60.0, 25 * 60.0
DAYS = 50

STATIONS = {
    "triage": (("minor/triage", "trauma/triage"), 1),
    "registration": (("minor/registration",), 1),
    "examination": (("minor/examination",), 3),
    "treatment": (("minor/treatment",), 1),
    "trauma room": (("trauma/stabilisation",), 2),
    "trauma treatment": (("trauma/treatment",), 1),
}
"""By station, its steps, and how many there are."""

BEFORE = {
    "registration": "minor/lobby",
    "examination": "minor/corridor",
    "treatment": "minor/hall",
    "trauma room": "trauma/lobby",
    "trauma treatment": "trauma/hall",
}
"""The step at whose end the wait for a station begins; for triage it is the arrival."""

PRINTED: dict[str, tuple[dict[str, int], dict[str, tuple[float, float]], float, float, float]] = {
    "as it is": (
        {},
        {
            "triage": (35.243019, 0.607039),
            "registration": (105.572644, 0.840613),
            "examination": (25.552525, 0.850448),
            "treatment": (136.660635, 0.867238),
            "trauma room": (151.680557, 0.826941),
            "trauma treatment": (14.305044, 0.501010),
        },
        234.335783,
        292.280487,
        162.16,
    ),
    "one more triage bay": (
        {"triage": 2},
        {
            "triage": (1.325176, 0.303519),
            "registration": (135.915119, 0.843954),
            "examination": (26.688866, 0.853567),
            "treatment": (138.575405, 0.869324),
            "trauma room": (175.135269, 0.840977),
            "trauma treatment": (14.997287, 0.506908),
        },
        232.133275,
        282.783517,
        162.92,
    ),
    "one more examination room": (
        {"examination": 4},
        {
            "triage": (35.243019, 0.607039),
            "registration": (105.572644, 0.840613),
            "examination": (0.146565, 0.667856),
            "treatment": (151.808204, 0.867691),
            "trauma room": (151.680557, 0.826941),
            "trauma treatment": (14.305044, 0.501010),
        },
        223.063821,
        292.280487,
        165.88,
    ),
    "one more treatment cubicle": (
        {"treatment": 2},
        {
            "triage": (35.243019, 0.607039),
            "registration": (105.572644, 0.840613),
            "examination": (25.552525, 0.850448),
            "treatment": (2.280962, 0.629346),
            "trauma room": (151.680557, 0.826941),
            "trauma treatment": (14.305044, 0.501010),
        },
        192.191909,
        292.280487,
        195.3,
    ),
}
"""By plan: what it changes; by station mean wait and share in use; stays without and with trauma; patients out."""

_ADDRESS = {
    "triage": "clinic.chairs",
    "examination": "places.examination.number",
    "treatment": "places.cubicle.number",
}


def names() -> list[str]:
    listed = ["patients a day"]
    for station in STATIONS:
        listed += [f"mean wait for {station} (min)", f"{station} in use"]
    return [
        *listed,
        "mean stay without trauma (min)",
        "mean stay with trauma (min)",
        "patients out by one o'clock",
    ]


def printed(plan: str) -> list[float]:
    _, stations, others, trauma, out = PRINTED[plan]
    return [227.72, *(cell for pair in stations.values() for cell in pair), others, trauma, out]


def _centre(plan: str) -> tuple[Scenario, dict[str, int]]:
    changes = PRINTED[plan][0]
    made = scenario("treatment-centre", *(f"{_ADDRESS[name]}={number}" for name, number in changes.items()))
    return made, {name: changes.get(name, number) for name, (_, number) in STATIONS.items()}


def sums(plan: str, count: int) -> Iterator[Sums]:
    made, numbers = _centre(plan)
    for one in records(made, count):
        yield day(one, numbers)


def as_drawn(plan: str, count: int) -> Iterator[Sums]:
    """Simulate days whose arrivals are drawn as the source draws them."""
    made, numbers = _centre(plan)
    rates = np.array(made.demand.hour_weights[6:])
    rng = np.random.default_rng(6)
    midnight = datetime.datetime.combine(made.run.start, datetime.time())
    for replication in range(count):
        moment, arrivals = BEGIN, []
        while True:
            moment += rng.exponential(60.0 / rates[int((moment - BEGIN) // 60) % len(rates)])
            if moment >= END:
                break
            arrivals.append(midnight + datetime.timedelta(minutes=moment))
        listed = replace(made, demand={"referrals": arrivals})
        yield day(simulate(listed, draw(listed, made.run.seed, replication)), numbers)


def day(one: Records, numbers: dict[str, int]) -> Sums:
    """Look at one day as the source does: means of waits that have ended, shares of 19 hours."""
    visits = one.visits
    column = {name: place for place, name in enumerate(one.steps)}
    result: Sums = [(float((visits["arrived"] < END).sum()), 1.0)]
    for station, (steps, _) in STATIONS.items():
        waits, busy = [np.zeros(0)], 0.0
        for step in steps:
            begin = visits["step_start"][:, column[step]]
            asked = (
                visits["arrived"] if station == "triage" else visits["step_end"][:, column[BEFORE[station]]]
            )
            begun = begin <= END
            waits.append((begin - asked)[begun])
            busy += float((visits["step_end"][:, column[step]] - begin)[begun].sum())
        result += [
            (float(np.concatenate(waits).mean()), 1.0),
            (busy, numbers[station] * (END - BEGIN)),
        ]
    out = visits["left"] <= END
    stay = visits["left"] - visits["arrived"]
    trauma = visits["visit"] == one.visit_types.index("trauma")
    result += [(float(stay[out & ~trauma].mean()), 1.0), (float(stay[out & trauma].mean()), 1.0)]
    return [*result, (float(out.sum()), 1.0)]


def _figures(plan: str) -> list[Figure]:
    return [
        Figure(f"{name}, {plan}", f"{cell:.4g}", NOT_KNOWN)
        for name, cell in zip(names(), printed(plan), strict=True)
    ]


def _system(plan: str) -> System:
    return System(plan, lambda: _figures(plan), 400, lambda count: as_drawn(plan, count))


CENTRE = [_system(plan) for plan in PRINTED]
"""The published systems, by the heading of their table on the page."""


def far_off(plan: str, count: int, days: Callable[[str, int], Iterator[Sums]] = as_drawn) -> dict[str, float]:
    """Tell by how many standard errors each printed figure is off, with the chance of 50 days and of ours."""
    return dict(zip(names(), errors_off(printed(plan), DAYS, days(plan, count)).tolist(), strict=True))
