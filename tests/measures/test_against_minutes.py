"""Random tables, measured once by the package and once minute by minute with plain loops.

Times are whole minutes, so a row of minutes holds everything exactly and the slow way needs no cleverness: it
walks through every visit, every step, every minute. The tables make no sense as a clinic's life (visits begin
in the warm-up, never end, overlap as they please); the definitions hold all the same.
"""

import math

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import measure
from simclinic.scenario import from_toml
from tests.measures.paper import CLINIC, at, write

WEEKS = 2
END = WEEKS * r.WEEK
NURSE = 12  # parts: halves, thirds and quarters of a nurse are whole numbers of them
STEPS = ("vitals", "infusion", "recovery", "talk", "nap", "discharge", "turnover")
VISIT = """
[visit.steps]
vitals = { minutes = 10, nurse = "hands-on", chair = false }
infusion = { minutes = 40, nurse = "watch", patients_per_nurse = 2 }
recovery = { minutes = 30, nurse = "watch", patients_per_nurse = 3 }
talk = { minutes = 10 }
nap = { minutes = 30, nurse = "watch", patients_per_nurse = 4 }
discharge = { minutes = 10, nurse = "hands-on" }
turnover = { minutes = 10, nurse = "hands-on", patient = false }
"""
CLOSER = VISIT.replace("patients_per_nurse = 3", "patients_per_nurse = 1")  # recovery is watched more closely


def random_tables(seed, *, around_the_clock=False):
    rng = np.random.default_rng(seed)
    days, rows = [], []
    for day in range(-7, 7 * WEEKS):
        row = {"day": day, "chairs": int(rng.integers(1, 5))}
        if around_the_clock:
            row |= {"opening": at(day), "closing": at(day, 1440)}
        elif rng.random() < 0.8:
            row |= {"opening": at(day, rng.integers(400, 700)), "closing": at(day, rng.integers(900, 1200))}
        begin = rng.integers(300, 800, 2)
        end = begin + rng.integers(100, 400, 2)
        if around_the_clock:
            begin, end = np.array([0, 300]), np.array([1440, 900])
        row |= {
            "rostered": [3, 2],
            "present": rng.integers([around_the_clock, 0], [4, 3]).tolist(),
            "shift_from": [at(day, m) for m in begin],
            "shift_to": [at(day, m) for m in end],
        }
        days.append(row)
        rows.extend(random_visit(rng, day) for _ in range(rng.integers(0, 20)))
    out = {}
    for visit in rows:
        if "left" in visit:
            day = visit["arrived"] // 1440
            out[day] = max(out.get(day, -math.inf), visit["left"])
    for row in days:
        row["last_out"] = out.get(row["day"], math.nan)
    patients = [random_patient(rng) for _ in range(40)]
    return write(patients, rows, days, weeks=WEEKS, steps=STEPS)


def random_visit(rng, day):
    now = at(day, rng.integers(400, 1100))
    visit = {"patient": int(rng.integers(40)), "appointment": now, "arrived": now, "outcome": r.COMPLETED}
    reached = len(STEPS) if rng.random() < 0.9 else rng.integers(0, len(STEPS))
    steps = []
    for step in range(reached):
        now += rng.integers(0, 15) if rng.random() < 0.5 else 0
        if step == 1:
            visit["chair_from"] = now
        begin = now
        now += rng.integers(5, 60)
        steps.append((begin, now))
        if step == 5:
            visit["left"] = now
    if reached == len(STEPS):
        visit["chair_free"] = now
    else:
        visit["outcome"] = r.TO_COME
        if steps and rng.random() < 0.5:
            steps[-1] = (steps[-1][0], math.nan)  # still under way
    return visit | {"steps": steps}


def random_patient(rng):
    times = np.sort(rng.integers(-r.WEEK, END + 500, 4)).astype(float)
    ready, first, programme, left = (time if rng.random() < 0.8 else math.nan for time in times)
    return {
        "referred": times[0],
        "ready": ready,
        "first_infusion": first,
        "programme": programme,
        "left": left,
        "reason": int(rng.integers(0, 11)),
    }


def minutes(stretches):
    """Count, for each measured minute, the stretches that cover it (with their weight)."""
    held = [0] * END
    for begin, end, weight in stretches:
        if math.isnan(begin):
            continue
        for minute in range(max(int(begin), 0), END if math.isnan(end) else min(int(end), END)):
            held[minute] += weight
    return held


def slowly(records, scenario):
    """Follow the measured minutes one by one."""
    visits, days = records.visits, records.days
    count = len(visits["patient"])
    steps = [scenario.visit.steps[name] for name in records.steps]
    chairs = minutes((visits["chair_from"][v], visits["chair_free"][v], 1) for v in range(count))
    hands, watched, eyes = [], [], []
    for v in range(count):
        for k, step in enumerate(steps):
            begin, end = visits["step_start"][v, k], visits["step_end"][v, k]
            if step.nurse == "hands-on":
                hands.append((begin, end, 1))
            if step.nurse == "watch":
                after = steps[k + 1]
                closer = after.nurse == "watch" and after.patients_per_nurse < step.patients_per_nurse
                until = end if closer else visits["step_start"][v, k + 1]
                watched.append((begin, until, 1))
                eyes.append((begin, until, NURSE // step.patients_per_nurse))
    hands, watched, eyes = minutes(hands), minutes(watched), minutes(eyes)
    opened, present, inside = [0] * END, [0] * END, [0] * END
    for d in range(len(days["day"])):
        if not math.isnan(days["opening"][d]):
            for minute in range(max(int(days["opening"][d]), 0), max(min(int(days["closing"][d]), END), 0)):
                opened[minute] = int(days["chairs"][d])
        for s in range(2):
            begin, end = days["shift_from"][d, s], days["shift_to"][d, s]
            for minute in range(max(int(begin), 0), min(int(end), END)):
                present[minute] += int(days["present"][d, s])
    for v in range(count):
        left = END if math.isnan(visits["left"][v]) else min(int(visits["left"][v]), END)
        for minute in range(max(int(visits["arrived"][v]), 0), left):
            inside[minute] += 1
    return {
        "chairs": chairs,
        "hands": hands,
        "watched": watched,
        "eyes": eyes,
        "open": opened,
        "present": present,
        "stayed": stayed(days, present, inside, eyes),
        "went on": went_on(visits, present, hands, eyes),
    }


def stayed(days, present, inside, eyes):
    """Add up nurses on overtime from the end of each day's last shift; by the week of that end."""
    total = [0] * WEEKS
    for d, day in enumerate(days["day"]):
        there = [s for s in range(2) if days["present"][d, s] > 0]
        if day < 0 or not there:
            continue
        last = max(int(days["shift_to"][d, s]) for s in there)
        nurses = [int(days["present"][d, s]) for s in there if days["shift_to"][d, s] == last][-1]
        minute = last
        while minute < END and not present[minute] and inside[minute]:
            total[last // r.WEEK] += min(nurses, max(1, math.ceil(eyes[minute] / NURSE)))
            minute += 1
    return total


def went_on(visits, present, hands, eyes):
    """Follow those who stay after a shift that is not the day's last, minute by minute."""
    count = len(visits["patient"])
    begun = visits["step_start"][:, 0].tolist()
    left = [math.inf if math.isnan(minute) else minute for minute in visits["left"].tolist()]
    held, stay, treated = [0] * END, 0, []
    for minute in range(END):
        before, now = present[minute - 1] if minute else 0, present[minute]
        claimed = max(hands[minute], math.ceil(eyes[minute] / NURSE))
        if now < before:
            stay += before - now
            midnight = math.ceil(minute / 1440) * 1440
            if not now and any(present[minute:midnight]):
                treated = [v for v in range(count) if begun[v] < minute]
        if now:
            stay = 0 if not before else min(stay, max(claimed - now, 0))
            treated = []
        else:
            stay = min(stay, max(claimed, 1)) if any(left[v] > minute for v in treated) else 0
        held[minute] = stay
    return held


def by_week(held):
    return [float(sum(held[week * r.WEEK : (week + 1) * r.WEEK])) for week in range(WEEKS)]


@pytest.fixture(scope="module", params=[VISIT, CLOSER], ids=["lighter watching", "closer watching"])
def clinic(request):
    return from_toml(CLINIC + request.param)


@pytest.mark.parametrize("around_the_clock", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_integrals_equal_minute_by_minute(clinic, seed, around_the_clock):
    records = random_tables(seed, around_the_clock=around_the_clock)
    slow, fast = slowly(records, clinic), measure(records, clinic)
    staffed = [1 if nurses else 0 for nurses in slow["present"]]
    expected = {
        "chair_minutes": slow["open"],
        "chair_minutes_held": [h if o else 0 for h, o in zip(slow["chairs"], slow["open"], strict=True)],
        "nurse_minutes_present": slow["present"],
        "hands_on_minutes": [h * s for h, s in zip(slow["hands"], staffed, strict=True)],
        "watch_nurse_minutes": [h * s / NURSE for h, s in zip(slow["eyes"], staffed, strict=True)],
    }
    for name, held in expected.items():
        assert fast.weeks[name].tolist() == pytest.approx(by_week(held), abs=1e-6), name
    stayed = [last + other for last, other in zip(slow["stayed"], by_week(slow["went on"]), strict=True)]
    assert fast.weeks["overtime_nurse_minutes"].tolist() == stayed
    assert any(slow["stayed"]) != around_the_clock  # the case is there to be met
    alone = [stay for stay, there in zip(slow["went on"], slow["present"], strict=True) if not there]
    assert any(alone) != around_the_clock  # between two shifts
    assert sum(alone) < sum(slow["went on"])  # beside others who are on duty


@pytest.mark.parametrize("seed", range(3))
def test_profile_equals_minute_by_minute(clinic, seed):
    records = random_tables(seed)
    slow, profile = slowly(records, clinic), measure(records, clinic).profile
    for name, held in (("chairs_held", "chairs"), ("hands_on", "hands"), ("watched", "watched")):
        for row in range(168):
            hours = [
                float(sum(slow[held][week * r.WEEK + row * 60 : week * r.WEEK + row * 60 + 60])) / 60
                for week in range(WEEKS)
            ]
            assert profile[f"{name}_mean"][row] == pytest.approx(sum(hours) / WEEKS, abs=1e-9)
            low, high = sorted(hours)
            assert profile[f"{name}_p90"][row] == pytest.approx(low + 0.9 * (high - low), abs=1e-9)
    for name, held in (("chairs_mean", "open"), ("nurses_mean", "present")):
        for row in range(168):
            spans = [slice(week * r.WEEK + row * 60, week * r.WEEK + row * 60 + 60) for week in range(WEEKS)]
            expected = sum(sum(slow[held][span]) for span in spans) / 60 / WEEKS
            assert profile[name][row] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_people_waiting_equal_minute_by_minute(scenario, seed):
    records = write(
        [random_patient(np.random.default_rng([seed, k])) for k in range(60)], weeks=WEEKS, days=[]
    )
    patients = records.patients
    waiting, programme = [], []
    for p in range(60):
        ends = [patients[name][p] for name in ("first_infusion", "left") if not math.isnan(patients[name][p])]
        waiting.append((patients["ready"][p], min(ends, default=math.nan), 1))
        programme.append((patients["programme"][p], patients["left"][p], 1))
    fast = measure(records, scenario)
    for name, stretches in (("waiting_for_series", waiting), ("programme_patients", programme)):
        slow = np.array(by_week(minutes(stretches))) / r.WEEK
        assert fast.weeks[name].tolist() == pytest.approx(slow.tolist(), abs=1e-12)
    # Little: people waiting, added up over time, are the days waited, added up over people.
    waited = sum(
        max(0, min(END if math.isnan(e) else e, END) - max(b, 0)) for b, e, _ in waiting if not math.isnan(b)
    )
    assert fast.kpis["waiting_for_series_mean"] * END == pytest.approx(waited)
