"""Targets on parts of a clinic: a type of visit, a role, or a place.

`[targets.visits.esketamine] wait_minutes_p90 = "<= 15"` is the target that `--target` and tables write as
`wait_minutes_p90:esketamine`. The fields are the figures that parts have.
"""

from __future__ import annotations

from collections.abc import Iterator

from simclinic.scenario.figure_targets import Amount, Share
from simclinic.scenario.problems import Path
from simclinic.scenario.section import Section


class VisitTargets(Section):
    """Targets on figures of one type of visit, none by default; days and shares of those whose series is of it."""

    series_started_per_week: Amount = None
    """Series started, a week."""
    access_days_mean: Amount = None
    """Days to first visit, mean, days."""
    access_days_p90: Amount = None
    """Days to first visit. As that of the clinic, judged by `started_within_days_share`, of this type."""
    started_within_days_share: Share = None
    """Begun within the days of `access_days_p90` (without it, of the clinic's), of all who become ready."""
    balked_share: Share = None
    """Turned away, a share."""
    infusions_per_week: Amount = None
    """Visits, a week."""
    wait_minutes_mean: Amount = None
    """Wait on the day, mean, minutes."""
    wait_minutes_p90: Amount = None
    """Wait on the day, 9 in 10 within, minutes."""
    waited_share: Share = None
    """Visits that wait on the day, a share."""
    delayed_share: Share = None
    """Visits that wait for more than the minutes of `wait_minutes_p90` (without it, of the clinic's), a share."""
    started_on_time_share: Share = None
    """Visits that begin at most 15 minutes late, a share."""
    visit_minutes_mean: Amount = None
    """Length of a visit, minutes."""
    no_show_share: Share = None
    """No-shows, a share."""
    clinic_cancelled_share: Share = None
    """Cancelled by the clinic, a share."""


class RoleTargets(Section):
    """Targets on figures of one role besides nurses, none by default."""

    nurse_hands_on_utilisation: Share = None
    """Time hands-on, a share."""
    nurse_watch_utilisation: Share = None
    """Time watching, a share."""
    overtime_nurse_hours_per_week: Amount = None
    """Overtime, hours a week."""
    cost_per_week: Amount = None
    """Pay, overtime included, currency a week; of nurses, too."""


class PlaceTargets(Section):
    """Targets on figures of one kind of place besides chairs, none by default."""

    chair_utilisation: Share = None
    """In use, a share."""
    waited_for_chair_minutes_mean: Amount = None
    """Waited for one, minutes, of visits that held one."""
    waited_for_chair_minutes_p90: Amount = None
    """Waited for one, 9 in 10 within, minutes."""
    queue_length_mean: Amount = None
    """Waiting for one, at once, patients."""


TARGETS: dict[str, type[Section]] = {"visits": VisitTargets, "roles": RoleTargets, "places": PlaceTargets}
"""Tables below `[targets]`, by their names; they are those of the parts themselves."""


def table_of(figure: str) -> str | None:
    """Return the table of parts that have a figure; None if no part has it.

    >>> table_of("wait_minutes_p90"), table_of("margin_per_week")
    ('visits', None)
    """
    return next((name for name, section in TARGETS.items() if figure in section.model_fields), None)


def path_of(figure: str) -> Path | None:
    """Return the place of a target, by its figure; None if there is no such target of a part.

    >>> path_of("wait_minutes_p90:esketamine"), path_of("balked_share")
    (('targets', 'visits', 'esketamine', 'wait_minutes_p90'), ('targets', 'balked_share'))
    """
    base, colon, part = figure.partition(":")
    if not colon:
        return ("targets", figure)
    table = table_of(base)
    return None if table is None or not part else ("targets", table, part, base)


def figures_of_parts() -> Iterator[str]:
    """List the figures that parts of a clinic have."""
    for section in TARGETS.values():
        yield from section.model_fields
