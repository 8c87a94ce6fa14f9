"""Hypothesis makes clinics with several types of visit, roles and places: small and odd."""

from hypothesis import reject
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.model.small import clinic
from tests.properties.clinics import span

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]


@st.composite
def rosters(draw, roles):
    """Shifts of each role: one or two a day, all there from ten to eleven, so that joint claims can be met."""
    shifts = {}
    for role in ("nurse", *roles):
        start = draw(st.integers(28, 40)) * 15
        end = draw(st.integers(44, 72)) * 15
        shift = {"days": WEEKDAYS, "hours": span(start, end), "number": draw(st.integers(1, 3)), "role": role}
        if draw(st.integers(0, 3)) == 0:
            shift["break"] = span(660, 660 + draw(st.sampled_from([20, 30])))
            shift["break_together"] = draw(st.booleans())
        shifts[role] = shift
        if draw(st.integers(0, 2)) == 0:
            again = end + draw(st.sampled_from([-30, 0, 15, 60]))
            late = {"hours": span(again, min(again + 180, 1439)), "number": draw(st.integers(1, 2))}
            shifts[f"{role}-late"] = {**shift, **late}
            shifts[f"{role}-late"].pop("break", None)
            shifts[f"{role}-late"].pop("break_together", None)
    return shifts


@st.composite
def claims(draw, roles, *, patient):
    made = {}
    for role in ("nurse", *roles):
        kind = draw(st.sampled_from(["none", "none", "hands-on", "watch", "on-site"]))
        if kind == "none" or (kind == "watch" and not patient):
            continue
        claim = {"watch": draw(st.integers(1, 3))} if kind == "watch" else {"need": kind}
        if draw(st.integers(0, 4)) == 0:
            claim["to_infusion"] = 1
        made[role] = claim
    return made


@st.composite
def visits(draw, roles, places, exact):
    """The steps of a visit: through some of the places, each once, in any order, and the lobby."""
    route = draw(st.permutations(["chair", *places]))[: draw(st.integers(1, 1 + len(places)))]
    steps = {}
    for place in route:
        for _ in range(draw(st.integers(0, 1))):
            steps[f"s{len(steps)}"] = {"chair": False}
        for _ in range(draw(st.integers(1, 2))):
            steps[f"s{len(steps)}"] = {} if place == "chair" else {"place": place}
        if draw(st.integers(0, 2)) == 0:
            at = {} if place == "chair" else {"place": place}
            steps[f"s{len(steps)}"] = {**at, "patient": False}
    if draw(st.booleans()):
        steps[f"s{len(steps)}"] = {"chair": False}
    names = list(steps)
    for name in names:
        step = steps[name]
        mean = draw(st.integers(1, 90)) / 2
        step["minutes"] = mean if exact or draw(st.booleans()) else {"dist": "exponential", "mean": mean}
        step["claims"] = draw(claims(roles, patient=step.get("patient", True)))
        if draw(st.integers(0, 3)) == 0:
            step["probability"] = 0.5
    with_patient = [name for name in names if steps[name].get("patient", True)]
    if len(with_patient) > 2 and draw(st.integers(0, 2)) == 0:
        first = draw(st.integers(0, len(with_patient) - 2))
        for name, share in zip(with_patient[first : first + 2], (0.25, 0.75), strict=True):
            steps[name] |= {"one_of": "either", "probability": share}
    return {"steps": steps}


@st.composite
def wider_clinics(draw, *, exact=False, consults=False, **booking):
    """Draw a valid scenario: a dozen patients in the first week, and time for all of them in the second."""
    roles = draw(st.sampled_from([[], ["a"], ["a", "b"]]))
    places = draw(st.sampled_from([[], ["room"], ["room", "bay"]]))
    types = draw(st.sampled_from([["infusion"], ["infusion", "x"], ["infusion", "x", "y"]]))
    made = {name: draw(visits(roles, places, exact)) for name in types}
    intake = {}
    if consults and draw(st.booleans()):
        intake = {"visit": "seen", "accepts": 0.7, "days_to_decide": 0.25}
        if booking.get("mode") != "walk-in":
            intake["consult_no_show"] = 0.2
        made["seen"] = draw(visits(roles, places, exact))
        for step in made["seen"]["steps"].values():
            for claim in step.get("claims", {}).values():
                claim.pop("from_infusion", None)
                claim.pop("to_infusion", None)
    tables = {
        "run": {"weeks": 3, "seed": draw(st.integers(0, 10**6))},
        "clinic": {"chairs": draw(st.integers(1, 3)), "hours": dict.fromkeys(WEEKDAYS, "08:00-19:00")},
        "shifts": draw(rosters(roles)),
        "roles": {role: {"hour": 50} for role in roles},
        "places": {place: {"number": draw(st.integers(1, 2))} for place in places},
        "visit": made.pop("infusion"),
        "visits": made,
        "intake": intake,
        "demand": {"protocol_mix": {name: 1 / len(types) for name in types}},
        "protocols": {
            name: {
                "infusions": draw(st.integers(1, 2)),
                "gap_days": [1, 3],
                "permitted_gap_days": [1, 9],
                "visit": name,
            }
            for name in types
        },
        "booking": booking,
    }
    tables["demand"]["protocol_mix"][types[0]] += 1.0 - sum(tables["demand"]["protocol_mix"].values())
    moments = draw(
        st.lists(st.tuples(st.integers(0, 3), st.integers(480, 1100)), min_size=1, max_size=12, unique=True)
    )
    try:
        return clinic(tables, referrals=sorted(moments))
    except ValidationError:
        reject()  # a place that no step holds, a visit of less than a minute
