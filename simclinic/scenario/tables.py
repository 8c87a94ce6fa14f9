"""Conversion of a scenario back to plain tables, with the names of a scenario file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from pydantic import BaseModel

from simclinic.scenario.distributions import BaseDistribution
from simclinic.scenario.hours import Hours, Span
from simclinic.scenario.section import Raw


def without_dates(value: Raw) -> Raw:
    """Turn dates in tables into text, which JSON can hold and a scenario reads again."""
    if isinstance(value, Mapping):
        return {key: without_dates(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_dates(inner) for inner in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def as_tables(value: Raw) -> Raw:
    """Turn sections into dictionaries, lists, numbers, text and dates, as `tomllib` would read them.

    Settings that are None are left out; addresses are those of scenario files (`break`, not `break_`).
    """
    if isinstance(value, BaseDistribution):
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
    if isinstance(value, Hours):
        return as_tables(value.written())
    if isinstance(value, Span):
        return str(value)
    return value
