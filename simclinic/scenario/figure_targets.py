"""Targets on key figures: what a clinic should reach, such as days to the first infusion or overtime.

A target is written with its sign, `"<= 10"` or `">= 85 %"`, and then holds for the mean over replications. Or it is
a table, `{ at_most = 10, in = 0.8 }`: then each replication keeps the limit or does not, and at least this share of
replications must keep it; with 52 measured weeks that is "in 8 years of 10".

The names are those of :data:`simclinic.measures.KPIS`; a test checks that none is missing.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from simclinic.scenario.section import Dropped, Raw, Section

_WRITTEN = re.compile(r"(<=|>=)\s*(-?(?:\d{1,9}(?:\.\d{1,9})?|\.\d{1,9}))\s*(%?)")


def read_limit(written: str) -> tuple[str, float]:
    """Return the sign and the number of a limit.

    >>> read_limit("<= 5 %"), read_limit(">= -120")
    (('<=', 0.05), ('>=', -120.0))
    """
    match = _WRITTEN.fullmatch(written.strip())
    assert match is not None  # a scenario's limits are checked
    return match[1], float(match[2]) / (100.0 if match[3] else 1.0)


class InYears(Section):
    """A limit that most replications should keep, one by one."""

    at_most: float | None = None
    """Most that a replication may have; either this or `at_least`."""
    at_least: float | None = None
    """Least that a replication should have."""
    in_: Annotated[float, Field(gt=0.0, lt=1.0, alias="in")]
    """Share of replications that should keep the limit: 0.8 is 8 years of 10 where 52 weeks are measured."""

    @model_validator(mode="after")
    def _one_limit(self) -> InYears:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("must have either at_most or at_least, such as { at_most = 10, in = 0.8 }")
        return self


def _amount(written: str) -> str:
    match = _WRITTEN.fullmatch(written.strip())
    if match is None:
        raise ValueError('must be written as "<= 10" or ">= 10", or as { at_most = 10, in = 0.8 }')
    if match[3]:
        raise ValueError('is not a share: write it without %, as "<= 10"')
    return written


def _share(written: str) -> str:
    if _WRITTEN.fullmatch(written.strip()) is None:
        raise ValueError('must be written as "<= 5 %" or ">= 0.9", or as { at_least = 0.9, in = 0.8 }')
    if not 0 <= read_limit(written)[1] <= 1:
        raise ValueError("must be a share from 0 to 1, or 100 %")
    return written


def _share_in_years(limit: InYears) -> InYears:
    if not all(0 <= bound <= 1 for bound in (limit.at_most, limit.at_least) if bound is not None):
        raise ValueError("must be a share from 0 to 1")
    return limit


def _form(written: Raw) -> str:
    return "years" if isinstance(written, dict | InYears) else "mean"


Amount = Annotated[
    Annotated[
        Annotated[str, AfterValidator(_amount), Tag("mean")] | Annotated[InYears, Tag("years")],
        Discriminator(_form),
    ]
    | None,
    Dropped,
]
"""A target on a figure with a unit."""

Share = Annotated[
    Annotated[
        Annotated[str, AfterValidator(_share), Tag("mean")]
        | Annotated[InYears, AfterValidator(_share_in_years), Tag("years")],
        Discriminator(_form),
    ]
    | None,
    Dropped,
]
"""A target on a share."""


def _limit(written: str) -> str:
    if _WRITTEN.fullmatch(written.strip()) is None:
        raise ValueError('must be written as "<= 10" or ">= 90 %", or as { at_most = 10, in = 0.8 }')
    return written


Limit = Annotated[
    Annotated[str, AfterValidator(_limit), Tag("mean")] | Annotated[InYears, Tag("years")],
    Discriminator(_form),
]
"""A target on a figure of another package, whose unit is known only when that is imported."""


class FigureTargets(Section):
    """Targets on key figures, none by default."""

    access_days_mean: Amount = None
    """Days to first infusion, mean, days."""
    access_days_p90: Amount = None
    """Days to first infusion. `"<= 10"` asks that 9 in 10 of all who become ready begin within 10 days; patients
    turned away do not, so it is judged by `started_within_days_share`. Default: none; where one is needed,
    `"<= 10"` (assumed, range 5-20)."""
    started_within_days_share: Share = None
    """Begun within the days of `access_days_p90` (10 if that is no target), of all who become ready."""
    third_next_available_days: Amount = None
    """Third next available start, days."""
    reneged_share: Share = None
    """Gave up waiting, a share."""
    waiting_for_series_mean: Amount = None
    """Waiting for a first infusion, patients."""
    waiting_for_booster_mean: Amount = None
    """Waiting for a booster, patients."""
    backlog_growth_per_week: Amount = None
    """Growth of the waiting list, patients a week."""
    booster_backlog_growth_per_week: Amount = None
    """Growth of the booster queue, patients a week."""
    series_started_per_week: Amount = None
    """Series started, a week."""
    series_completed_per_week: Amount = None
    """Series completed, a week."""
    completion_share: Share = None
    """Series completed, share."""
    series_days_mean: Amount = None
    """Length of a series, days."""
    on_protocol_share: Share = None
    """Series on protocol, a share."""
    infusions_per_week: Amount = None
    """Infusions, a week."""
    induction_per_week: Amount = None
    """Infusions of series, a week."""
    boosters_per_week: Amount = None
    """Boosters, a week."""
    booster_requests_per_week: Amount = None
    """Boosters asked for, a week."""
    booster_share: Share = None
    """Boosters among infusions, a share."""
    booster_wait_days_mean: Amount = None
    """Days from asking to booster, days."""
    symptomatic_days_mean: Amount = None
    """Days from relapse to booster, days."""
    programme_patients_mean: Amount = None
    """Patients in the booster programme, patients."""
    wait_minutes_mean: Amount = None
    """Wait on the day, mean, minutes."""
    wait_minutes_p90: Amount = None
    """Wait on the day, 9 in 10 within, minutes."""
    waited_share: Share = None
    """Visits that wait on the day, a share."""
    delayed_share: Share = None
    """Visits that wait for more than the minutes of `wait_minutes_p90` (15 if that is no target), a share."""
    waited_for_chair_minutes_mean: Amount = None
    """Waited for a chair, minutes."""
    waited_for_chair_minutes_p90: Amount = None
    """Waited for a chair, 9 in 10 within, minutes."""
    queue_length_mean: Amount = None
    """Waiting for a chair, at once, patients."""
    waited_for_hands_minutes_mean: Amount = None
    """Waited for a nurse's hands, minutes."""
    waited_for_eyes_minutes_mean: Amount = None
    """Waited for a nurse's eyes, minutes."""
    visit_minutes_mean: Amount = None
    """Length of a visit, minutes."""
    no_show_share: Share = None
    """No-shows, a share."""
    late_cancel_share: Share = None
    """Late cancellations, a share."""
    clinic_cancelled_share: Share = None
    """Cancelled by the clinic, a share."""
    slot_fill: Share = None
    """Starts filled, a share."""
    chair_utilisation: Share = None
    """Chairs in use, a share."""
    nurse_hands_on_utilisation: Share = None
    """Nurses' time hands-on, a share."""
    nurse_watch_utilisation: Share = None
    """Nurses' time watching, a share."""
    overtime_minutes_per_day: Amount = None
    """Open past closing, minutes. Default: none; where a target is needed, `{ at_most = 10, in = 0.8 }` (assumed,
    range 0-30)."""
    overtime_nurse_hours_per_week: Amount = None
    """Nurses' overtime, hours a week."""
    responders_per_week: Amount = None
    """Responders, a week."""
    stopped_responders_per_week: Amount = None
    """Responders stopped early, a week."""
    ketamine_mg_per_week: Amount = None
    """Ketamine, mg a week."""
    revenue_per_week: Amount = None
    """Revenue, currency a week."""
    cost_per_week: Amount = None
    """Cost, currency a week."""
    margin_per_week: Amount = None
    """Margin, currency a week."""
    margin_per_chair_hour: Amount = None
    """Margin per chair-hour, currency."""
