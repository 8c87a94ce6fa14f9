"""Names of results folders.

>>> slug("Three chairs, two nurses")
'three-chairs-two-nurses'
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

_LONGEST = 60


def slug(name: str) -> str:
    """Reduce a name to letters, digits and hyphens that every file system accepts."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-") or "scenario"


def default_folder(name: str, study: str, fingerprint: str) -> Path:
    """Return the default folder of a study's results, below the current one.

    Parameters
    ----------
    name
        Name of the scenario.
    study
        The command.
    fingerprint
        Hash of everything that decides the results, except the number of replications; 8 characters are used.
    """
    return Path("results") / f"{slug(name)}-{study}-{fingerprint[:8]}"
