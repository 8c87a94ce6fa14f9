"""Types of number in a scenario, each with bounds that catch typing errors.

The bounds are wide on purpose: they stop a typing error by a factor of a thousand from running for a week, but
permit every existing clinic and every limiting case of theory.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Share = Annotated[float, Field(ge=0, le=1)]
"""A probability, or a part of a whole."""

Positive = Annotated[float, Field(gt=0, le=1e9)]
"""A number above 0."""

Amount = Annotated[float, Field(ge=0, le=1e9)]
"""A number of at least 0: a rate, an amount of money."""

Real = Annotated[float, Field(ge=-1e9, le=1e9)]
"""Any number of a plausible size."""

Minutes = Annotated[float, Field(ge=0, le=1440)]
"""A duration within a day, in minutes."""

Count = Annotated[int, Field(ge=0, le=1000)]
"""A count of at least 0: nurses, patients in a series."""

Ordinal = Annotated[int, Field(ge=1, le=1000)]
"""A position, or a count of at least 1: chairs."""

Days = Annotated[int, Field(ge=0, le=36500)]
"""A number of days."""

Weeks = Annotated[int, Field(ge=1, le=5200)]
"""A number of weeks, at least one, at most a century."""
