"""Types of visit in an export: what a row's kind says, and whose patients are of which type.

The types are those that the protocols of the base scenario give. A patient belongs to the type that most of the
completed visits have; a type that is given as a booster only counts as the type of the series before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from simclinic.calibration import vocabulary
from simclinic.calibration.codes import BOOSTER, COMPLETED, KIND
from simclinic.calibration.courses import Courses, find_courses
from simclinic.calibration.options import Options
from simclinic.calibration.quality import Quality
from simclinic.calibration.schedules import Schedule, find_schedule
from simclinic.calibration.visits import Visits
from simclinic.scenario import Scenario
from simclinic.scenario.protocols import INFUSION, Protocol

_FEWEST_MOVED, _MOVED = 10, 0.05
"""Visits of another type, and their share of all visits of a type's patients, from which a warning says so."""


@dataclass(frozen=True)
class Group:
    """The patients whose series has one type of visit.

    Attributes
    ----------
    type
        The type of visit.
    label
        Ending for the names of what is learnt of them, " (esketamine)"; empty if all patients have one type.
    shared
        Whether what is learnt of them holds for all protocols that do not say otherwise.
    protocols
        Protocols with such a series, by name.
    visits, courses
        Their appointments and their courses.
    schedule
        The schedule that their visits follow, if any.
    scheduled
        Whether the base scenario schedules the boosters of all these protocols.
    """

    type: str
    label: str
    shared: bool
    protocols: dict[str, Protocol]
    visits: Visits
    courses: Courses
    schedule: Schedule | None
    scheduled: bool

    def key(self, what: str) -> str:
        """Return the name of its times to return, after a "series" or a "booster"."""
        return what if self.shared else f"{self.type}/{what}"


def visit_types(base: Scenario) -> dict[str, str]:
    """Return the types of visit of a scenario, each with the type of its patients' series.

    That of rows without a stated type comes first: infusions, or those of the commonest protocol.
    """
    mix = base.demand.protocol_mix
    usual = base.protocols[max(mix, key=lambda name: mix[name])].visit
    series = {protocol.visit: protocol.visit for protocol in base.protocols.values()}
    for protocol in base.protocols.values():
        series.setdefault(protocol.visits[1], protocol.visit)
    first = INFUSION if INFUSION in series else usual
    return {name: series[name] for name in (first, *(name for name in series if name != first))}


def read_kind(meaning: str, types: Mapping[str, str]) -> tuple[int, int]:
    """Return the kind and the type, as codes, that a meaning of a row stands for.

    Parameters
    ----------
    meaning
        One of :func:`simclinic.calibration.vocabulary.meanings`.
    types
        The types of visit, each with that of its patients' series; that of rows without a stated type first. A type
        whose patients have another one in the series is given as a booster.

    Examples
    --------
    >>> read_kind("im booster", {"infusion": "infusion", "im": "im"}) == (BOOSTER, 1)
    True
    """
    named = list(types)
    if meaning in KIND:
        kind, name = KIND[meaning], meaning if meaning in types else named[0]
    else:
        name, _, said = meaning.partition(" ")
        kind = KIND[said or vocabulary.UNSAID]
    if types[name] != name and kind == KIND[vocabulary.UNSAID]:
        kind = BOOSTER
    return kind, named.index(name)


def by_type(visits: Visits, quality: Quality) -> dict[str, Visits]:
    """Divide the appointments by the types of their patients' series; types without a completed visit are left out.

    Parameters
    ----------
    visits
        The export.
    quality
        Receives a note on patients with several types.
    """
    names = list(dict.fromkeys(visits.types.values()))
    if len(names) == 1:
        return {names[0]: visits}
    of = np.array([names.index(series) for series in visits.types.values()], dtype=np.int64)
    count = np.zeros((int(visits.patient.max(initial=-1)) + 1, len(names)))
    done = visits.status == COMPLETED
    kind = of[visits.type]
    np.add.at(count, (visits.patient[done], kind[done]), 1.0)
    several = int(((count > 0).sum(axis=1) > 1).sum())
    quality.count(
        "patients with visits of several types", several, "each counts for the type of most of the visits"
    )
    if (
        done.any()
    ):  # as often: the type of the last visit; patients who never came: that of their appointments
        patients, last = np.unique(visits.patient[done][::-1], return_index=True)
        count[patients, kind[done][::-1][last]] += 0.5
    np.add.at(count, (visits.patient, kind), 1e-6)
    own = count.argmax(axis=1)[visits.patient]
    for at, name in enumerate(names):
        mine = done & (own == at)
        other = mine & (kind != at)
        if int(other.sum()) >= max(_FEWEST_MOVED, _MOVED * int(mine.sum())):
            moved = len(np.unique(visits.patient[other]))
            quality.warn(
                f"{name}: {int(other.sum()):,} of the {int(mine.sum()):,} visits of these patients had another "
                f"type, since {moved:,} patient{' has' if moved == 1 else 's have'} had several: what is learnt of "
                "the series and of the times to return mixes them, and these patients go on with the type that "
                "most of their visits had"
            )
    return {name: visits.only(own == at) for at, name in enumerate(names) if (done & (own == at)).any()}


def find_groups(visits: Visits, base: Scenario, options: Options, quality: Quality) -> list[Group]:
    """Divide the patients by type, and recognise their series and boosters.

    Parameters
    ----------
    visits
        The export.
    base
        The scenario with the protocols.
    options
        The user's statements; `infusions` is about the type of rows without a stated type.
    quality
        Receives notes.
    """
    divided = by_type(visits, quality)
    groups = []
    for name, own in divided.items():
        protocols = {key: each for key, each in base.protocols.items() if each.visit == name}
        mix = base.demand.protocol_mix
        usual = max(protocols, key=lambda key: mix.get(key, 0.0))
        shared = name == next(iter(visits.types))
        scheduled = all(base.laws[key].boosters.policy == "scheduled" for key in protocols)
        given = options.infusions if shared else None
        series = partial(
            find_courses,
            own,
            whole_history=options.whole_history,
            otherwise=protocols[usual].infusions,
        )
        if scheduled and given is None:
            # Weekly boosters would count as a long series: the schedule says where the series ends.
            before = find_schedule(series(Quality(), infusions=None))
            given = None if before is None else before.first
        courses = series(quality, infusions=given, goes_on=scheduled)
        label = f" ({name})" if len(divided) > 1 else ""
        groups.append(Group(name, label, shared, protocols, own, courses, find_schedule(courses), scheduled))
    return groups


def together(every: Sequence[Courses]) -> Courses:
    """Return the courses of all patients, whatever their type; `infusions` is that of the first type."""
    if len(every) == 1:
        return every[0]
    return replace(
        every[0],
        all=tuple(
            sorted((one for each in every for one in each.all), key=lambda one: (one.days[0], one.patient))
        ),
        since=max(each.since for each in every),
        certain_since=max(each.certain_since for each in every),
        never_came=sum(each.never_came for each in every),
        booked_first=sum(each.booked_first for each in every),
        longer=sum(each.longer for each in every),
    )
