"""Values in error messages."""

from __future__ import annotations

import datetime as dt
import json


def shown(value: object) -> str:
    """Write a value as in a scenario file, shortened to a readable length."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # Python refuses to print a number with many thousand digits.
        return str(value) if value.bit_length() <= 256 else f"a number of {value.bit_length()} bits"
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else f"{value[:57]}...", ensure_ascii=False)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(shown(entry) for entry in value[:8])}{', ...' if len(value) > 8 else ''}]"
    if isinstance(value, dict):
        return "a table"
    return str(value)[:60]
