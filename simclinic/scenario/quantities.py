"""The kinds of number a scenario is made of, each with the bounds outside which it is a slip of the keyboard.

The bounds are wide on purpose: they keep a thousand-fold typing error from running for a week, and leave
every clinic that exists, and every limiting case that theory asks for, inside.
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
"""Any finite number of a size that means something."""

Minutes = Annotated[float, Field(ge=0, le=1440)]
"""A length of time within a day, in minutes."""

Count = Annotated[int, Field(ge=0, le=1000)]
"""How many there are: chairs, nurses, patients in a series."""

Ordinal = Annotated[int, Field(ge=1, le=1000)]
"""Which one it is, or how many of what there must be at least one of."""

Days = Annotated[int, Field(ge=0, le=36500)]
"""A number of dates."""

Weeks = Annotated[int, Field(ge=1, le=5200)]
"""A number of weeks, at least one, at most a century."""
