"""The screens of one clinic, as the links at the top of each."""

from __future__ import annotations

from typing import NamedTuple

_SCREENS = (
    ("", "My clinic"),
    ("patients", "My patients"),
    ("cope", "Does it cope?"),
    ("one-more", "One more of each"),
    ("how-many", "How many can we take?"),
    ("forecast", "Forecast"),
    ("cheapest", "Cheapest plan"),
    ("template", "Best template"),
    ("day", "A day"),
)
"""The end of the address of each screen of a clinic, and what it is called."""


TITLES = {**dict(_SCREENS), "compare": "Plans side by side", "hire": "When to hire"}
"""What the screens are called, by the questions that they ask."""


class Tab(NamedTuple):
    """A link to a screen: its address, its name, and whether it is the one that is open."""

    address: str
    name: str
    here: bool


def tabs(key: str, here: str) -> list[Tab]:
    """List the screens of a clinic.

    Parameters
    ----------
    key
        Of the clinic.
    here
        The end of the address of the screen that is open.
    """
    return [Tab(f"/clinic/{key}/{end}".rstrip("/"), name, end == here) for end, name in _SCREENS]
