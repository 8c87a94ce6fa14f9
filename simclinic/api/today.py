"""Today's patients in a script or a notebook: what somebody says of them, understood."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from simclinic.api.options import PanelOptions
from simclinic.errors import SimclinicError
from simclinic.scenario import Scenario
from simclinic.studies.today import PanelChoice, Start


def today(options: PanelOptions) -> PanelChoice | None:
    """Understand what was said of today's patients; None if there is no panel.

    Raises
    ------
    SimclinicError
        If something is said of a panel that was not given, or the date is none.
    """
    panel, as_of, uncertain = options.get("panel"), options.get("as_of"), options.get("uncertain", False)
    if panel is not None:
        return PanelChoice(Path(panel), day(as_of, "as_of"), uncertain)
    alone = [name for name, given in (("as_of", as_of is not None), ("uncertain", uncertain)) if given]
    if alone:
        raise SimclinicError(f"{' and '.join(alone)}: only with panel, a file of today's patients")
    return None


def start(scenarios: Sequence[Scenario], said: PanelChoice | None) -> Start:
    """Set scenarios to begin with today's patients, if there are any.

    Raises
    ------
    SimclinicError
        If the panel cannot be read or does not fit.
    """
    return Start(tuple(scenarios)) if said is None else said.start(scenarios)


def day(written: dt.date | str | None, what: str) -> dt.date | None:
    """Read a date that somebody gave, if any.

    Raises
    ------
    SimclinicError
        If it is none.
    """
    if isinstance(written, str):
        try:
            return dt.date.fromisoformat(written)
        except ValueError:
            raise SimclinicError(f"{what} must be a date such as 2026-03-04, not {written!r}") from None
    return written.date() if isinstance(written, dt.datetime) else written
