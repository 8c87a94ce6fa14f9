"""*What the words mean*: terms of the page, and the exact definition of each key figure."""

from __future__ import annotations

from fastapi.responses import Response

from simclinic.measures import GROUPS, KPIS
from simclinic.measures.kpis import OF_SOME
from simclinic.web.answering import Asked, Place, Route, page

_TERMS = (
    (
        "start",
        "A free time in the appointment book at which a visit may begin. Each start takes one patient.",
    ),
    ("on paper", "Computed from mean lengths, without simulating. Real days vary, and carry less."),
    (
        "replication",
        "One simulation of the whole period. The next one has other patients, drawn by other chance.",
    ),
    (
        "surely, 95 % interval",
        "The mean of a figure lies in this range with a probability of 95 %. More replications make it narrower.",
    ),
    ("n", "How many were counted: replications, unless the line says patients, visits or appointments."),
    (
        "median",
        "The middle value: half are smaller, half are larger. A few very long waits move the mean, not the median.",
    ),
    (
        "sigma",
        (
            "The spread of a lognormal length: the standard deviation of its logarithm. With 0.3, about two in "
            "three lie between the median divided by 1.35 and 1.35 times the median."
        ),
    ),
    (
        "scenario",
        (
            "A clinic as a file: chairs, hours, shifts, visits, referrals, prices and assumptions. Each clinic of "
            "this page is one."
        ),
    ),
    ("9 in 10 within", "Nine in ten patients wait at most so long, one in ten waits longer."),
    (
        "target",
        "A limit that you set for a figure. It is met or missed if the replications show it, and open otherwise.",
    ),
    ("too close to call", "Neither plan is shown to be better: the difference may be chance."),
    ("stable", "No queue grows over the measured weeks, and few patients are turned away."),
    ("filling", "Boosters still become more: the clinic has not reached its later load."),
    ("open", "Neither shown nor refuted by so many replications."),
    ("turned away", "A new patient who finds no start within the days they would wait, and goes elsewhere."),
    ("series", "The first infusions of a new patient, usually six in three weeks."),
    ("booster", "A single infusion after a relapse, or by a schedule."),
    ("hands", "A nurse's time with one patient alone."),
    ("eyes", "A nurse's attention to patients who are watched: one nurse watches several."),
    ("steady", "The clinic after many years with today's referrals, not one that has just opened."),
)
"""Terms and what they mean, in a clinic's words."""


def glossary(_place: Place, _asked: Asked) -> Response:
    """Show the glossary."""
    every = (*KPIS.values(), *OF_SOME.values())
    groups = [
        (group, [(kpi.label, kpi.name, kpi.definition) for kpi in every if kpi.group == group])
        for group in GROUPS
    ]
    return page("glossary.html.j2", title="What the words mean", terms=_TERMS, groups=groups)


ROUTES: tuple[Route, ...] = (("GET", "/glossary", glossary),)
