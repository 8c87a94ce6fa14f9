"""A file of referrals to replay: one ISO date, or date and time, a line.

```
2026-01-05
2026-01-05T09:30
2026-01-06 14:10:00
```

Empty lines, and comments from a `#` on, are ignored. Times are the clinic's local time.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path as FilePath

from simclinic.errors import Problem, ScenarioError
from simclinic.scenario.parse import read_text


def read_referrals(path: FilePath, shown: str) -> list[dt.date]:
    """Read all referrals of a file.

    Raises
    ------
    ScenarioError
        With one problem for each line that is not a date.
    """
    referrals: list[dt.date] = []
    problems: list[Problem] = []
    for number, line in enumerate(read_text(path, shown).splitlines(), start=1):
        written = line.partition("#")[0].strip()
        if not written:
            continue
        try:
            referrals.append(_moment(written))
        except ValueError:
            rule = "must be a date, or a date and time without a zone, such as 2026-01-05T09:30"
            problems.append(Problem(rule, file=shown, line=number, value=repr(written[:60])))
            if len(problems) == 20:
                break
    if problems:
        raise ScenarioError(problems)
    return referrals


def _moment(written: str) -> dt.date:
    if len(written) <= 10:
        return dt.date.fromisoformat(written)
    moment = dt.datetime.fromisoformat(written)
    if moment.tzinfo is not None:
        raise ValueError("has a time zone")
    return moment
