"""Today's patients in Python: the panel and its options, parsed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from simclinic.api.options import PanelOptions
from simclinic.errors import SimclinicError
from simclinic.scenario import Scenario
from simclinic.studies.today import PanelChoice, Start


def today(options: PanelOptions) -> PanelChoice | None:
    """Return the chosen panel; None if there is none.

    Raises
    ------
    SimclinicError
        If an option needs a panel and none is given, or the date is invalid.
    """
    panel, as_of, uncertain = options.get("panel"), options.get("as_of"), options.get("uncertain", False)
    if panel is not None:
        return PanelChoice(Path(panel), day(as_of, "as_of"), uncertain)
    alone = [name for name, given in (("as_of", as_of is not None), ("uncertain", uncertain)) if given]
    if alone:
        raise SimclinicError(f"{' and '.join(alone)}: only with panel, a file of today's patients")
    return None


def start(scenarios: Sequence[Scenario], choice: PanelChoice | None) -> Start:
    """Set scenarios to begin with today's patients, if a panel is given.

    Raises
    ------
    SimclinicError
        If the panel cannot be read or does not fit.
    """
    return Start(tuple(scenarios)) if choice is None else choice.start(scenarios)


def day(written: dt.date | str | None, what: str) -> dt.date | None:
    """Parse a date; None stays None.

    Raises
    ------
    SimclinicError
        If it is not a date.
    """
    if isinstance(written, str):
        try:
            return dt.date.fromisoformat(written)
        except ValueError:
            raise SimclinicError(f"{what} must be a date such as 2026-03-04, not {written!r}") from None
    return written.date() if isinstance(written, dt.datetime) else written
