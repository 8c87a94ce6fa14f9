"""The published systems, by the heading of their table on the page."""

from tests.published import nurse_visit, stroke_beds
from tests.published.figure import System
from tests.published.health_centre import HEALTH_CENTRE
from tests.published.impatient_callers import CALLERS
from tests.published.nurse_visit import USE, WAIT
from tests.published.paediatric_clinic import CLINIC
from tests.published.stroke_beds import BEDS
from tests.published.treatment_centre import CENTRE
from tests.published.triage import TRIAGE
from tests.published.urgent_care_calls import CALLS

TABLES: dict[str, list[System]] = {
    "Waits for a nurse": WAIT,
    "Nurses in use": USE,
    "Impatient callers": CALLERS,
    "Triage": TRIAGE,
    "Treatment centre": CENTRE,
    "Paediatric clinic": CLINIC,
    "Urgent care calls": CALLS,
    "Primary health centre": HEALTH_CENTRE,
    "Beds of a stroke service": BEDS,
}
SYSTEMS = [system for table in TABLES.values() for system in table]

READINGS: dict[str, tuple[tuple[str, ...], list[tuple[str, ...]]]] = {
    "The load that was drawn": (nurse_visit.READINGS, nurse_visit.readings()),
    "What a delay may mean": (stroke_beds.READINGS, stroke_beds.readings()),
}
"""Tables that need no simulation: their headings and rows."""
