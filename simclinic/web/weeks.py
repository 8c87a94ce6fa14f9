"""The field of the weeks in which a shift works: as people write them, and as settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from simclinic.scenario.addresses import address
from simclinic.scenario.weeks import Weeks
from simclinic.studies.clinic_files import as_override

KEYS = ("weeks", "every", "from")
"""The settings for which the field stands."""
RULE = (
    "must be weeks of the month, such as 1, 3, or a number of weeks and a date: every 2 weeks from 2026-01-10"
)
NOT_READ = "must be a list in brackets"
"""What the scenario says of a text that :func:`read` did not understand."""

_NUMBERS = {"other": 2, "second": 2, "third": 3, "fourth": 4}
_EVERY = re.compile(
    rf"every\s+({'|'.join(_NUMBERS)}|\d{{1,3}})(?:nd|rd|th)?\s+weeks?\s+(?:from|since)\s+(\d{{4}}-\d\d-\d\d)",
    re.ASCII | re.IGNORECASE,
)
_ONE, _BETWEEN = r"\d(?:st|nd|rd|th)?", r"(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s+)"
_OF_MONTH = re.compile(
    rf"({_ONE}(?:{_BETWEEN}{_ONE})*)(?:\s+(?:weeks?\s+)?of the month)?", re.ASCII | re.IGNORECASE
)


def words(weeks: Weeks) -> str:
    """Write weeks as the field shows them; empty: all.

    >>> words(Weeks(of_month=(1, 3)))
    '1st and 3rd of the month'
    """
    return "" if weeks.all else str(weeks)


def read(written: str) -> dict[str, object]:
    """Return the settings that a text stands for; of one that is not understood, the text as the weeks.

    >>> read("1, 3"), read("every other week from 2026-01-10")
    ({'weeks': [1, 3]}, {'every': 2, 'from': '2026-01-10'})
    >>> read("some"), read("")
    ({'weeks': 'some'}, {})
    """
    text = written.strip().strip("[]").strip()
    if not text:
        return {}
    if found := _EVERY.fullmatch(text):
        number, since = found.groups()
        return {"every": _NUMBERS.get(number.lower()) or int(number), "from": since}
    if found := _OF_MONTH.fullmatch(text):
        return {"weeks": [int(each) for each in re.findall(r"\d", found[1])]}
    return {"weeks": text}


def changes(shift: str, table: Mapping[str, Any], written: str) -> Iterator[str]:
    """Yield the overrides that a text stands for; what the shift's weeks were is dropped.

    Parameters
    ----------
    shift
        Its name.
    table
        The shift as the scenario writes it.
    written
        What is in the field.
    """
    now = read(written)
    for key in KEYS:
        where = address(("shifts", shift, key))
        if key in now:
            value = now[key]
            yield as_override(where, str(value), value if key == "weeks" else None)
        elif table.get(key) is not None:
            yield f"{where}=false"
