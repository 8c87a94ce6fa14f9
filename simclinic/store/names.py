"""What a results folder is called.

>>> slug("Three chairs, two nurses")
'three-chairs-two-nurses'
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

_LONGEST = 60


def slug(name: str) -> str:
    """Write a name in letters, digits and hyphens that every file system takes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-") or "scenario"


def default_folder(name: str, study: str, fingerprint: str) -> Path:
    """Name the folder for a study's results, below the current one.

    Parameters
    ----------
    name
        Of the scenario.
    study
        The command.
    fingerprint
        Hash of all that decides the results, number of replications apart; its first 8 characters are used.
    """
    return Path("results") / f"{slug(name)}-{study}-{fingerprint[:8]}"
