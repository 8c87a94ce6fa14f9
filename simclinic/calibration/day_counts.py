"""Days that a spreadsheet has counted, from 1900 or, on older Macs, from 1904: four years and a day apart.

The numbers do not show which. The weekdays do where a clinic is closed on weekends, and so does the calendar: an
export is seldom four years old.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from simclinic.errors import Problem

LATER = 1462
"""Days from 1899-12-30 to 1904-01-01."""
SINCE = {"1900": "days counted from 1900", "1904": "days counted from 1904"}
"""What `--dates` accepts for such a column."""
_DOUBT = 0.05
"""Share of rows on weekends, from 1900 more than from 1904, from which the user is asked."""
_OLD, _RECENT = 1_000, (-400, 120)
"""Age in days from which an export is older than most, and what is a usual age of the last appointment."""


def ask_since_when(days: Sequence[int], *, heading: str, file: str, line: int) -> Problem | None:
    """Ask whether days are counted from 1904, if that is as likely as from 1900.

    Parameters
    ----------
    days
        Proleptic ordinals, read as counted from 1900; 0 where there is none.
    heading, file, line
        The column's heading, the file's name and the column's first line, for the message.
    """
    from_1900 = np.array([day for day in days if day], dtype=np.int64)
    if not from_1900.size:
        return None
    from_1904 = from_1900 + LATER
    weekend = [float(((each - 1) % 7 >= 5).mean()) for each in (from_1900, from_1904)]
    age = [_now() - int(np.quantile(each, 0.98)) for each in (from_1900, from_1904)]
    old = age[0] > _OLD and -_RECENT[1] <= age[1] <= -_RECENT[0]
    if weekend[0] < weekend[1] + _DOUBT and not old:
        return None
    said = [
        f"from {name} they are {dt.date.fromordinal(int(each.min()))} to {dt.date.fromordinal(int(each.max()))}, "
        f"{100 * share:.0f} % on Saturdays and Sundays"
        for name, each, share in zip(SINCE, (from_1900, from_1904), weekend, strict=True)
    ]
    rule = (
        f"{heading!r} counts days, as spreadsheets do, and does not show from when: {'; '.join(said)} (workbooks "
        "of older Macs count from 1904). Use --dates 1900 or --dates 1904"
    )
    return Problem(rule, file=file, line=line)


def _now() -> int:
    return dt.date.today().toordinal()
