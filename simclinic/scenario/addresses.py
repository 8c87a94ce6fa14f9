"""Addresses of settings, as `--set` takes them.

`shifts.day.nurses` is the setting `nurses` in the table `[shifts.day]`. A part that is not a plain word is quoted,
as in TOML: `changes."2026-06-01"."clinic.chairs"`.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from simclinic.scenario.problems import Path


def address(path: Path) -> str:
    """Write a place as an address: `shifts.day.days[0]`, `visit.steps."my step"`."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
            continue
        part = str(part)
        plain = re.fullmatch(r"[A-Za-z0-9_-]{1,80}", part) is not None
        cut = part if len(part) <= 80 else f"{part[:77]}..."
        written += ("." if written else "") + (part if plain else json.dumps(cut))
    return written


def address_parts(address: str) -> Path:
    """Split an address at its dots, as TOML does: `visit.steps."my step"` has three parts.

    Raises
    ------
    ValueError
        If the text is not an address.
    """
    # tomllib needs minutes for a long dotted name.
    readable = address.isprintable() and len(address) <= 500
    try:
        inner: Any = tomllib.loads(f"{address} = 0") if readable else None
    except (ValueError, RecursionError):
        inner = None
    parts: list[str] = []
    while isinstance(inner, dict) and len(inner) == 1:
        [(part, inner)] = inner.items()
        parts.append(part)
    if not parts or inner != 0:
        raise ValueError("must be an address such as clinic.chairs")
    return tuple(parts)
