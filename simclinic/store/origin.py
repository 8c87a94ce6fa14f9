"""Whether a folder was made here: by the same user, whose key marks every folder that is written.

A report simulates one day of a run again, from the scenario in its folder. That of a stranger may ask for anything,
so it is simulated only if somebody says so. The mark is of the scenario's content: an edited one does not have it.
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
    """Give the mark of a scenario with a digest, in hexadecimal digits."""
    return hmac.new(_key(), digest.encode(), "sha256").hexdigest()


def made_here(marked: str, digest: str) -> bool:
    """Tell whether a mark is the one that a scenario with a digest gets here."""
    return hmac.compare_digest(marked, mark(digest))


@cache
def _key() -> bytes:
    """Read this user's key, made if there is none; one that cannot be kept is good until the program ends."""
    fresh = secrets.token_bytes(_BYTES)
    with contextlib.suppress(OSError, RuntimeError):
        place = _state() / "simclinic"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = place / "key"
        with contextlib.suppress(FileExistsError):
            # Written beside it and linked: another process at the same moment finds all of it, or nothing.
            unfinished = place / f"key.{secrets.token_hex(8)}"
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb") as out:
                    out.write(fresh)
                os.link(unfinished, file)
            finally:
                unfinished.unlink()
        with file.open("rb") as kept:
            found = kept.read(_BYTES + 1)
        if len(found) == _BYTES:
            return found
    return fresh


def _state() -> Path:
    """Give the folder in which programs keep what outlives them."""
    named = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(named) if named and Path(named).is_absolute() else Path.home() / ".local" / "state"
