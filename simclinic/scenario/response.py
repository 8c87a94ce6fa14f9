"""Response: the share of responders, the infusion at which they feel it, and dropping out."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from simclinic.scenario.quantities import Amount, Share
from simclinic.scenario.section import Dropped, Listed, Section


def _some_share(shares: tuple[float, ...]) -> tuple[float, ...]:
    if not sum(shares) > 0:
        raise ValueError("must have at least one share above 0")
    return shares


class StopRule(Section):
    """Stop a series early if there is no early signal of response.

    The signal after 4 hours was 94 % sensitive and 71 % specific in Murrough 2013 (16 of 17 and 5 of 7,
    seen).
    """

    after: Annotated[int, Field(ge=1, le=100)]
    """The infusion after which the signal is read."""
    sensitivity: Share
    """Share of responders who show the signal."""
    specificity: Share
    """Share of the other patients who do not show it."""


class Response(Section):
    """Response is latent: it is drawn at the start, and independent of dropping out."""

    probability: Share = 0.55
    """Share of responders among patients who complete the series.

    Default: McInnes 53.6 %, ELEKT-D 55.4 %, Phillips 59 % (seen; range 0.18-0.92)."""
    felt_by: Annotated[
        tuple[Amount, ...], AfterValidator(_some_share), Listed, Field(min_length=1, max_length=100)
    ] = (0.30, 0.20, 0.20, 0.15, 0.10, 0.05)
    """Share of responders who first feel it at infusion k; scaled to the protocol's infusions.

    Default: assumed, from Phillips 2019 (median 3) and Shiroma 2014 (3 of 12 after the first)."""
    drop_out: Annotated[tuple[Share, ...], Listed, Field(min_length=1, max_length=100)] = (
        0.10,
        0.04,
        0.04,
        0.04,
        0.04,
    )
    """Share of patients who drop out after infusion k; the last value repeats.

    Default: assumed, between trials (2.6 % per infusion) and practices (20 % after the first)."""
    stop_rule: Annotated[StopRule | None, Dropped] = None
    """Stop a series without an early signal of response: an option that frees chairs but turns responders away.

    Default: off."""
