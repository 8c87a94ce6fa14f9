"""A scenario as plain tables again, in the words of a scenario file."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from simclinic.scenario.distributions import Law
from simclinic.scenario.hours import Span
from simclinic.scenario.section import Raw


def as_tables(value: Raw) -> Raw:
    """Turn sections into dictionaries, lists, numbers, text and dates, as `tomllib` would have read them.

    Settings that are None are left out; addresses are those of scenario files (`break`, not `break_`).
    """
    if isinstance(value, Law):
        return as_tables(value.written())
    if isinstance(value, BaseModel):
        return as_tables(value.model_dump(by_alias=True, exclude_none=True))
    if isinstance(value, dict):
        return {
            key.isoformat() if isinstance(key, dt.date) else key: as_tables(inner)
            for key, inner in value.items()
            if inner is not None
        }
    if isinstance(value, list | tuple):
        return [as_tables(inner) for inner in value]
    if isinstance(value, Span):
        return str(value)
    return value
