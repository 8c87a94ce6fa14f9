"""Names of shifts, protocols, steps and complications.

They become part of addresses (`shifts.night.nurses`), column names and events (`infusion:start`), so they consist
of letters, digits, `-` and `_`, and begin with a letter or a digit.
"""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from simclinic.scenario.section import ByName, InOrder

PATTERN = r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}"


def _name(written: str) -> str:
    if re.fullmatch(PATTERN, written) is None:
        raise ValueError(
            "a name must consist of letters, digits, - and _ (at most 60), and begin with a letter or a digit"
        )
    return written


Name = Annotated[str, AfterValidator(_name)]

Entry = TypeVar("Entry")

MOST_NAMED = 100
"""Most entries of a collection: far more shifts, protocols or steps than a clinic has."""

Named = Annotated[dict[Name, Entry], Field(max_length=MOST_NAMED), ByName]
"""A collection of named entries without a meaningful order."""

Ordered = Annotated[dict[Name, Entry], Field(max_length=MOST_NAMED), InOrder]
"""A collection of named entries in the order of the file."""
