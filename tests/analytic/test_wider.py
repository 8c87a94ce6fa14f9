"""Clinics with several types of visit, roles and places, held to theory.

Each is a walk-in clinic that theory solves: Pollaczek and Khinchine's formula (two types are one queue with lengths
of a mixed distribution), Erlang's loss formula (which depends on the mean length alone), Markov chains that are
solved here, and a Jackson network. Confidence is that of independent replications, as in `test_cases`.
"""

from itertools import product

import numpy as np
import pytest

from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.records import BALKED, CONSULT
from simclinic.sampling.draws import Sampler
from simclinic.scenario import Scenario, load
from simclinic.scenario.tables import as_tables
from tests.analytic.cases.case import FOLDER, WEEK, window
from tests.analytic.estimates import LIMIT, Estimate, described
from tests.analytic.theory import erlang

SHORT, LONG = 12, 400
SIZE = pytest.mark.parametrize("replications", [SHORT, pytest.param(LONG, marks=pytest.mark.long)])


def exponential(mean):
    return {"dist": "exponential", "mean": mean}


def clinic(shares, kinds, chairs, rate, **settings):
    """A clinic that is always open, for types of visit in these shares: their steps, by name; "infusion" is one."""
    tables = as_tables(load(FOLDER / "one-chair.toml"))
    tables["run"] |= {"weeks": 4, "warm_up_weeks": 1, "begin": "empty"}
    tables["clinic"]["chairs"] = chairs
    tables["demand"] |= {"referrals_per_week": rate * WEEK, "protocol_mix": shares}
    tables["protocols"] = {name: {"infusions": 1, "visit": name} for name in kinds}
    tables["visit"]["steps"] = kinds["infusion"]
    tables["visits"] = {name: {"steps": steps} for name, steps in kinds.items() if name != "infusion"}
    for name, values in settings.items():
        tables[name] = tables.get(name, {}) | values
    return Scenario.model_validate(tables)


def meets_theory(scenario, exact, sums, replications):
    """Compare sums above and below the line of every replication with the exact ratios."""
    timetable, sampler = Timetable(scenario), Sampler(scenario)
    rows = []
    for replication in range(replications):
        records = simulate(scenario, sampler.sample(scenario.run.seed, replication), timetable)
        inside, elapsed = window(records)
        rows.append(sums(records, inside, elapsed))
    estimates = [
        Estimate(name, exact[name], *(np.array([row[name][part] for row in rows]) for part in (0, 1)))
        for name in exact
    ]
    print(f"\n{described(estimates)}")
    off = [estimate for estimate in estimates if not abs(estimate.t) < LIMIT]
    assert not off, described(off)


# -- one kind of chair -----------------------------------------------------------------------------------------


@SIZE
def test_two_types_at_one_chair_wait_as_pollaczek_and_khinchine_say(replications):
    rate = 0.7 / (0.7 * 20.0 + 0.3 * 50.0)
    kinds = {
        "infusion": {"long": {"minutes": 50}},
        "short": {"short": {"minutes": exponential(20)}},
    }
    scenario = clinic({"infusion": 0.3, "short": 0.7}, kinds, 1, rate)
    second = 0.7 * 2 * 20.0**2 + 0.3 * 50.0**2
    wait = rate * second / (2.0 * (1.0 - 0.7))

    def sums(records, inside, elapsed):
        visits = {name: column[inside] for name, column in records.visits.items()}
        found = {
            "in use": ((visits["chair_free"] - visits["chair_from"]).sum(), elapsed),
            "wait": (visits["wait_chair"].sum(), inside.sum()),
            "must wait": ((visits["wait_chair"] > 0).sum(), inside.sum()),
        }
        for kind, name in enumerate(records.visit_types):
            mine = visits["visit"] == kind
            found[f"wait, {name}"] = (visits["wait_chair"][mine].sum(), mine.sum())
        return found

    # Poisson arrivals find what is there, whatever they come for: both types wait alike.
    exact = {"in use": 0.7, "must wait": 0.7, "wait": wait, "wait, infusion": wait, "wait, short": wait}
    meets_theory(scenario, exact, sums, replications)


@SIZE
def test_where_nobody_may_wait_the_mean_length_decides_who_is_lost(replications):
    kinds = {
        "infusion": {"long": {"minutes": 60}},
        "short": {"first": {"minutes": exponential(5)}, "second": {"minutes": exponential(15)}},
    }
    rate = 0.09
    scenario = clinic({"infusion": 0.5, "short": 0.5}, kinds, 4, rate, booking={"waiting_room": 0})
    lost = erlang.erlang_b(4, rate * 40.0)

    def sums(records, inside, elapsed):
        gone = records.visits["outcome"][inside] == BALKED
        kind = records.visits["visit"][inside]
        held = np.nan_to_num(records.visits["chair_free"] - records.visits["chair_from"])[inside]
        return {
            "lost": (gone.sum(), gone.size),
            "lost, infusion": (gone[kind == 0].sum(), (kind == 0).sum()),
            "lost, short": (gone[kind == 1].sum(), (kind == 1).sum()),
            "chairs in use": (held.sum(), elapsed),
        }

    exact = {
        "lost": lost,
        "lost, infusion": lost,
        "lost, short": lost,
        "chairs in use": rate * 40 * (1 - lost),
    }
    meets_theory(scenario, exact, sums, replications)


def stationary(states, moves):
    """Solve a chain: `moves(state)` are pairs of a rate and the state after it."""
    place = {state: number for number, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for state in states:
        for rate, then in moves(state):
            rates[place[state], place[then]] += rate
    rates -= np.diag(rates.sum(axis=1))
    rates[:, -1] = 1.0
    wanted = np.zeros(len(states))
    wanted[-1] = 1.0
    return dict(zip(states, np.linalg.solve(rates.T, wanted), strict=True))


def two_lengths(rate, share, means, most):
    """M/H2/2: the number who wait, and how many of the two kinds are in a chair; at most so many wait."""

    def moves(state):
        waiting, first, second = state
        for kind, likely in enumerate((share, 1.0 - share)):
            comes = (first + (kind == 0), second + (kind == 1))
            if first + second < 2:
                yield rate * likely, (waiting, *comes)
            elif kind == 0 and waiting < most:
                yield rate, (waiting + 1, first, second)
        for kind, (there, mean) in enumerate(zip((first, second), means, strict=True)):
            left = (first - (kind == 0), second - (kind == 1))
            if there and not waiting:
                yield there / mean, (0, *left)
            elif there:
                yield there / mean * share, (waiting - 1, left[0] + 1, left[1])
                yield there / mean * (1.0 - share), (waiting - 1, left[0], left[1] + 1)

    seated = [(a, b) for a, b in product(range(3), repeat=2) if a + b <= 2]
    states = [(0, *here) for here in seated]
    states += [(n, *here) for n in range(1, most + 1) for here in seated if sum(here) == 2]
    return stationary(states, moves)


def test_equal_lengths_make_the_chain_erlangs():
    chain = two_lengths(0.05, 0.4, (30.0, 30.0), 200)
    waiting = sum(waiting * chance for (waiting, *_), chance in chain.items())
    assert waiting / 0.05 == pytest.approx(erlang.mean_wait(0.05, 30.0, 2), rel=1e-9)


@SIZE
def test_two_types_at_two_chairs_are_a_markov_chain(replications):
    rate = 0.75 * 2 / (0.8 * 15 + 0.2 * 80)
    kinds = {
        "infusion": {"short": {"minutes": exponential(15)}},
        "long": {"long": {"minutes": exponential(80)}},
    }
    scenario = clinic({"infusion": 0.8, "long": 0.2}, kinds, 2, rate)
    chain = two_lengths(rate, 0.8, (15.0, 80.0), 250)
    assert sum(chance for (waiting, *_), chance in chain.items() if waiting > 240) < 1e-10
    waits = sum(waiting * chance for (waiting, *_), chance in chain.items()) / rate
    must = sum(chance for (_, a, b), chance in chain.items() if a + b == 2)

    def sums(records, inside, elapsed):
        waited = records.visits["wait_chair"][inside]
        return {"wait": (waited.sum(), waited.size), "must wait": ((waited > 0).sum(), waited.size)}

    meets_theory(scenario, {"wait": waits, "must wait": must}, sums, replications)


# -- two roles -------------------------------------------------------------------------------------------------

NEEDS = {"infusion": "n", "joint": "np", "talk": "p"}
"""The roles of each type of visit: the nurse, both, the prescriber."""
MINUTES = {"infusion": 20.0, "joint": 30.0, "talk": 40.0}
SHARES = {"infusion": 0.4, "joint": 0.3, "talk": 0.3}


def two_roles(rate, most):
    """Who is served, and who waits in the order of asking, with one nurse, one prescriber and room for `most`."""

    def serve(served, waiting):
        served, kept, still = list(served), set(), []
        for kind in waiting:
            busy = set("".join(NEEDS[one] for one in served))
            if busy.isdisjoint(NEEDS[kind]) and kept.isdisjoint(NEEDS[kind]):
                served.append(kind)
            else:
                kept |= set(NEEDS[kind])
                still.append(kind)
        return tuple(sorted(served)), tuple(still)

    def moves(state):
        served, waiting = state
        if len(served) + len(waiting) < most:
            for kind, share in SHARES.items():
                yield rate * share, serve(served, (*waiting, kind))
        for kind in served:
            left = list(served)
            left.remove(kind)
            yield 1.0 / MINUTES[kind], serve(left, waiting)

    states, found = [((), ())], {((), ())}
    for state in states:
        for _, then in moves(state):
            if then not in found:
                found.add(then)
                states.append(then)
    return stationary(states, moves)


@SIZE
def test_claims_on_two_roles_are_a_markov_chain(replications):
    rate, chairs = 0.035, 5
    hands = {"infusion": ["nurse"], "joint": ["nurse", "prescriber"], "talk": ["prescriber"]}
    kinds = {
        name: {
            f"{name}-step": {"minutes": exponential(MINUTES[name]), "claims": dict.fromkeys(of, "hands-on")}
        }
        for name, of in hands.items()
    }
    always = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "hours": "24h", "number": 1}
    scenario = clinic(
        SHARES,
        kinds,
        chairs,
        rate,
        booking={"waiting_room": 0},
        roles={"prescriber": {"hour": 1}},
        shifts={"always": always, "prescribers": {**always, "role": "prescriber"}},
    )
    chain = two_roles(rate, chairs)
    full = sum(chance for (served, waiting), chance in chain.items() if len(served) + len(waiting) == chairs)
    exact = {"lost": full}
    for kind, share in SHARES.items():
        waits = sum(chance * waiting.count(kind) for (_, waiting), chance in chain.items())
        exact[f"wait, {kind}"] = waits / (rate * share * (1.0 - full))
    exact["prescriber in use"] = sum(
        chance * any("p" in NEEDS[kind] for kind in served) for (served, _), chance in chain.items()
    )

    def sums(records, inside, elapsed):
        visits = {name: column[inside] for name, column in records.visits.items()}
        gone = visits["outcome"] == BALKED
        found = {"lost": (gone.sum(), gone.size)}
        columns = {name.partition("/")[0]: column for column, name in enumerate(records.steps)}
        busy = 0.0
        for kind, name in enumerate(records.visit_types):
            mine = (visits["visit"] == kind) & ~gone
            found[f"wait, {name}"] = (visits["wait_hands"][mine].sum(), mine.sum())
            if "p" in NEEDS[name]:
                busy += (visits["step_end"] - visits["step_start"])[mine, columns[name]].sum()
        return {**found, "prescriber in use": (busy, elapsed)}

    meets_theory(scenario, exact, sums, replications)


# -- a network of places ---------------------------------------------------------------------------------------


def network(rate, means):
    """Make a Jackson network: to the chair first, then to the room or to one of two bays."""
    kinds = {
        "infusion": {
            "seat": {"minutes": exponential(means["chair"])},
            "talk": {
                "minutes": exponential(means["room"]),
                "place": "room",
                "one_of": "w",
                "probability": 0.6,
            },
            "treat": {
                "minutes": exponential(means["bay"]),
                "place": "bay",
                "one_of": "w",
                "probability": 0.4,
            },
        },
        "back": {"talk": {"minutes": 1, "place": "room"}, "rest": {"minutes": 1}},
    }
    places = {"room": {"number": 1}, "bay": {"number": 2}}
    return clinic({"infusion": 1.0}, kinds, 1, rate, places=places)


@SIZE
def test_consults_and_then_infusions_are_two_queues_in_tandem(replications):
    # Those who come to the consult are a Poisson process, so consults in two rooms are M/M/2. What leaves is
    # Poisson again (Burke), and those who accept, at once, are drawn from it by chance: infusions are M/M/1.
    rate, talk, seat = 0.08, 22.0, 25.0
    comes, accepts = 0.8, 0.375
    kinds = {"infusion": {"seat": {"minutes": exponential(seat)}}}
    scenario = clinic(
        {"infusion": 1.0},
        kinds,
        1,
        rate,
        places={"room": {"number": 2}},
        visits={"consult": {"steps": {"talk": {"place": "room", "minutes": exponential(talk)}}}},
        intake={
            "visit": "consult",
            "contraindicated": 0.0,
            "consult_no_show": 1 - comes,
            "accepts": accepts,
        },
    )
    seen = rate * comes
    exact = {
        "consults": seen,
        "wait for the consult": erlang.mean_wait(seen, talk, 2),
        "must wait for the consult": erlang.erlang_c(2, seen * talk),
        "infusions": seen * accepts,
        "wait for the infusion": erlang.mean_wait(seen * accepts, seat, 1),
        "must wait for the infusion": seen * accepts * seat,
    }

    def sums(records, inside, elapsed):
        visits = {name: column[inside] for name, column in records.visits.items()}
        consult = visits["kind"] == CONSULT
        room, chair = visits["wait_place"][consult, 0], visits["wait_chair"][~consult]
        return {
            "consults": (room.size, elapsed),
            "wait for the consult": (room.sum(), room.size),
            "must wait for the consult": ((room > 0).sum(), room.size),
            "infusions": (chair.size, elapsed),
            "wait for the infusion": (chair.sum(), chair.size),
            "must wait for the infusion": ((chair > 0).sum(), chair.size),
        }

    meets_theory(scenario, exact, sums, replications)


@SIZE
def test_alternatives_in_places_of_their_own_are_a_jackson_network(replications):
    # To the chair first, then to the room or to one of two bays, each with its own queue. The type of visit that
    # nobody has goes the other way round, so that nobody keeps the chair while waiting.
    rate, means = 0.03, {"chair": 22.0, "room": 35.0, "bay": 70.0}
    scenario = network(rate, means)
    exact = {
        "wait for the chair": erlang.mean_wait(rate, means["chair"], 1),
        "wait for the room": erlang.mean_wait(0.6 * rate, means["room"], 1),
        "wait for a bay": erlang.mean_wait(0.4 * rate, means["bay"], 2),
        "bays in use": 0.4 * rate * means["bay"],
    }

    def sums(records, inside, elapsed):
        visits = {name: column[inside] for name, column in records.visits.items()}
        room, bay = map(records.places.index, ("room", "bay"))
        after = visits["place_from"] - visits["step_end"][:, :1]
        held = np.nan_to_num(visits["place_to"] - visits["place_from"])
        return {
            "wait for the chair": (visits["wait_chair"].sum(), inside.sum()),
            "wait for the room": (np.nansum(after[:, room]), np.isfinite(after[:, room]).sum()),
            "wait for a bay": (np.nansum(after[:, bay]), np.isfinite(after[:, bay]).sum()),
            "bays in use": (held[:, bay].sum(), elapsed),
        }

    meets_theory(scenario, exact, sums, replications)


# -- two types that are one ------------------------------------------------------------------------------------


STEP = {"step": {"minutes": exponential(30), "nurse": "hands-on"}}


def test_the_usual_type_keeps_its_random_numbers_when_another_is_added():
    mixed = {"infusion": 0.5, "other": 0.5}
    both = clinic(mixed, {"infusion": STEP, "other": STEP}, 3, 0.05)
    one = clinic(mixed, {"infusion": STEP}, 3, 0.05, protocols={"other": {"infusions": 1}})
    assert (one.simple, both.simple) == (True, False)
    first, second = (Sampler(scenario).sample(5, 0) for scenario in (one, both))
    assert (first.protocol == second.protocol).all()
    kept = {name: [] for name in mixed}
    for row in first.coming.tolist():
        here, there = (draws.series.minutes(draws.series_row(row, 1)) for draws in (first, second))
        kept[list(mixed)[first.protocol[row]]].append(here == there)
    assert len(kept["infusion"]) > 500 < len(kept["other"])
    assert all(kept["infusion"])
    assert not any(kept["other"])


@SIZE
def test_a_type_with_the_same_steps_is_the_same_clinic_in_distribution(replications):
    # Both types wait for hands as if they were one: M/M/2.
    nurses = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "hours": "24h", "nurses": 2}
    rate = 0.05
    scenario = clinic(
        {"infusion": 0.5, "other": 0.5},
        {"infusion": STEP, "other": STEP},
        900,
        rate,
        shifts={"always": nurses},
    )
    wait = erlang.mean_wait(rate, 30.0, 2)

    def sums(records, inside, elapsed):
        waited, kind = (records.visits[name][inside] for name in ("wait_hands", "visit"))
        return {
            "wait, infusion": (waited[kind == 0].sum(), (kind == 0).sum()),
            "wait, other": (waited[kind == 1].sum(), (kind == 1).sum()),
            "must wait": ((waited > 0).sum(), waited.size),
        }

    exact = {"wait, infusion": wait, "wait, other": wait, "must wait": erlang.erlang_c(2, rate * 30.0)}
    meets_theory(scenario, exact, sums, replications)
