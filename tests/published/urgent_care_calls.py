"""An urgent care call centre: operators take calls, and nurses call some of the callers back.

Source: stars-ciw-example (Monks, Harper and Heather, github.com/pythonhealthdatascience/stars-ciw-example at
0d04522), ciw_model.py and the notebook "Using the model". A run is 1,000 minutes from an empty centre. Waits and
minutes in use are those of the calls that have ended by then.
"""

from collections.abc import Iterator

from tests.published.figure import NOT_KNOWN, Figure, Sums, System, errors_off, records, scenario

END = 1000.0

PRINTED: dict[str, tuple[tuple[str, ...], tuple[int, int], dict[int, tuple[float, ...]]]] = {
    "as it is": ((), (13, 9), {50: (3.5, 92.9, 48.5, 97.1), 5: (2.6, 92.8, 52.4, 97.4)}),
    "one more of each, 45 % called back": (
        ("clinic.chairs=14", "places.nurse.number=10", "visits.caller.steps.callback.probability=0.45"),
        (14, 10),
        {5: (1.2, 86.5, 55.1, 97.3)},
    ),
}
"""By plan: what it changes; operators and nurses; by the number of runs the printed means of `NAMES`."""
NAMES = (
    "mean wait for an operator (min)",
    "operators in use (%)",
    "mean wait for a nurse (min)",
    "nurses in use (%)",
)


def _sums(plan: str, count: int) -> Iterator[Sums]:
    changes, numbers, _ = PRINTED[plan]
    for one in records(scenario("urgent-care-calls", *changes), count):
        visits = one.visits
        column = {name: at for at, name in enumerate(one.steps)}
        found: Sums = []
        for step, asked, number in (
            ("call", visits["arrived"], numbers[0]),
            ("callback", visits["step_end"][:, column["wait"]], numbers[1]),
        ):
            begin, end = (visits[name][:, column[step]] for name in ("step_start", "step_end"))
            ended = end <= END
            waits, minutes = (begin - asked)[ended], (end - begin)[ended]
            found += [(float(waits.mean()), 1.0), (100 * float(minutes.sum()), END * number)]
        yield found


def _figures(plan: str) -> list[Figure]:
    runs = PRINTED[plan][2]
    return [
        Figure(f"{name}, {plan}", "; ".join(str(cells[at]) for cells in runs.values()), NOT_KNOWN)
        for at, name in enumerate(NAMES)
    ]


def _system(plan: str) -> System:
    return System(plan, lambda: _figures(plan), 400, lambda count: _sums(plan, count))


CALLS = [_system(plan) for plan in PRINTED]


def far_off(plan: str, count: int) -> dict[str, float]:
    """Tell by how many standard errors each printed figure is off, with the chance of its runs and of ours."""
    sums = list(_sums(plan, count))
    return {
        f"{name}, {runs} runs": float(off)
        for runs, cells in PRINTED[plan][2].items()
        for name, off in zip(NAMES, errors_off(cells, runs, sums), strict=True)
    }
