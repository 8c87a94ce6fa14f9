"""The log as an XES document, for tools of process mining: a trace for each patient, two events for each step.

XES 1.0 is a standard for event logs in XML: a log holds traces, a trace holds events, each with attributes of its
own. Steps are events named for the step with the lifecycle transitions `start` and `complete`; everything else is
`complete` at once. Events of one visit share a `concept:instance`. Times are the clinic's own, without a zone.
Source: C. W. Günther, E. Verbeek, "XES standard definition", 2014.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from xml.sax.saxutils import quoteattr

import numpy as np

from simclinic.measures.event_log import NOBODY, EventLog
from simclinic.records import KINDS, ORIGINS, REASONS, STILL_HERE
from simclinic.report.events.replayed import Replayed
from simclinic.report.events.table import decimal, place_name

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<log xes.version="1.0" xes.features="" xmlns="http://www.xes-standard.org/">\n'
)
"""How it begins."""

_EXTENSIONS = ("Concept", "Time", "Lifecycle")
_TRANSITIONS = {"start": "start", "end": "complete"}


def as_xes(replayed: Replayed) -> Iterator[str]:
    """Write the log: patients in the order of their rows, each one's events in order of time."""
    yield _head(replayed)
    log = replayed.log
    log = log.of(np.argsort(log.patient, kind="stable"))
    first = np.flatnonzero(np.diff(log.patient, prepend=-1))
    for begin, end in pairwise((*first.tolist(), len(log))):
        yield _trace(replayed, log.of(np.arange(begin, end)))
    yield "</log>\n"


def _head(replayed: Replayed) -> str:
    extensions = "".join(
        f'  <extension name="{name}" prefix="{name.lower()}" '
        f'uri="http://www.xes-standard.org/{name.lower()}.xesext"/>\n'
        for name in _EXTENSIONS
    )
    name = f"{replayed.scenario.name}, replication {replayed.replication}"
    return (
        f"{HEAD}"
        f"{extensions}"
        '  <global scope="trace">\n    <string key="concept:name" value="patient"/>\n  </global>\n'
        '  <global scope="event">\n    <string key="concept:name" value="event"/>\n'
        '    <string key="lifecycle:transition" value="complete"/>\n'
        '    <date key="time:timestamp" value="1970-01-01T00:00:00.000"/>\n'
        '    <float key="minute" value="0"/>\n  </global>\n'
        '  <classifier name="Event" keys="concept:name"/>\n'
        '  <classifier name="Event and transition" keys="concept:name lifecycle:transition"/>\n'
        f"  {_text('concept:name', name)}\n"
        '  <string key="lifecycle:model" value="standard"/>\n'
        f'  <int key="replication" value="{replayed.replication}"/>\n'
        f'  <string key="seed" value="{replayed.scenario.run.seed}"/>\n'
    )


def _trace(replayed: Replayed, log: EventLog) -> str:
    records = replayed.records
    row = int(log.patient[0])
    patients = records.patients
    attributes = [
        _text("concept:name", str(row)),
        _text("origin", ORIGINS[patients["origin"][row]]),
        _text("protocol", records.protocols[patients["protocol"][row]]),
    ]
    reason = int(patients["reason"][row])
    if reason != STILL_HERE:
        attributes.append(_text("reason", REASONS[reason]))
    lines = ["  <trace>\n", *(f"    {each}\n" for each in attributes)]
    times = np.datetime_as_string(log.times(), unit="ms").tolist()
    columns = (log.event, log.minute, log.visit, log.kind, log.number, log.chair, log.place_kind, log.place)
    several = len(records.visit_types) > 1
    for time, row_of in zip(times, zip(*(column.tolist() for column in columns), strict=True), strict=True):
        event, minute, visit, kind, number, chair, place_kind, place = row_of
        name, _, moment = log.names[event].partition(":")
        lines.append(
            "    <event>\n"
            f"      {_text('concept:name', name)}\n"
            f'      <string key="lifecycle:transition" value="{_TRANSITIONS.get(moment, "complete")}"/>\n'
            f'      <date key="time:timestamp" value="{time}"/>\n'
            f'      <float key="minute" value="{decimal(minute)}"/>\n'
        )
        if visit != NOBODY:
            lines.append(
                f'      <string key="concept:instance" value="{visit}"/>\n'
                f'      <string key="kind" value="{KINDS[kind]}"/>\n'
                f'      <int key="number" value="{number}"/>\n'
            )
        if visit != NOBODY and several:
            lines.append(f"      {_text('visit', records.visit_types[records.visits['visit'][visit]])}\n")
        if held := place_name(records.places, place_kind, place):
            lines.append(f"      {_text('place', held)}\n")
        if chair == chair:
            lines.append(f'      <int key="chair" value="{int(chair)}"/>\n')
        lines.append("    </event>\n")
    lines.append("  </trace>\n")
    return "".join(lines)


def _text(key: str, value: str) -> str:
    return f'<string key="{key}" value={quoteattr(value)}/>'
