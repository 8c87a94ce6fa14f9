"""The mark of this user's folders: a keyed hash (HMAC) of the scenario, with a key that each user has.

A report simulates one day of a run again, from the scenario in its folder. A scenario from somebody else may ask
for anything, so it is simulated only on request. An edited scenario no longer matches its mark.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

_BYTES = 32


def mark(digest: str) -> str:
    """Return the mark of a scenario with a digest, in hexadecimal digits."""
    return hmac.new(_key(), digest.encode(), "sha256").hexdigest()


def made_here(marked: str, digest: str) -> bool:
    """Return whether a mark is the one this user's key gives to a scenario with a digest."""
    return hmac.compare_digest(marked, mark(digest))


@cache
def _key() -> bytes:
    """Return this user's key, created if there is none; one that cannot be stored lasts until the program ends."""
    fresh = secrets.token_bytes(_BYTES)
    with contextlib.suppress(OSError, RuntimeError):
        place = _state() / "simclinic"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = place / "key"
        with contextlib.suppress(FileExistsError):
            # Written beside it and linked: a process that runs at the same time sees a complete key or none.
            unfinished = place / f"key.{secrets.token_hex(8)}"
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as out:
                    out.write(fresh)
                os.link(unfinished, file)
            finally:
                unfinished.unlink()
        with file.open("rb") as stored:
            key = stored.read(_BYTES + 1)
        if len(key) == _BYTES:
            return key
    return fresh


def _state() -> Path:
    """Return the folder for persistent state of programs."""
    named = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(named) if named and Path(named).is_absolute() else Path.home() / ".local" / "state"
