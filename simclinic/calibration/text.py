"""Shared by all readers of an export: the error that lists all problems, and normalised spellings of text."""

from __future__ import annotations

import re

from simclinic.errors import InputError


class ExportError(InputError):
    """An export that cannot be read."""


def plain(words: str) -> str:
    """Normalise a heading or a word of an export for look-up: small letters, single blanks."""
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return " ".join(re.sub(r"[^\w]+|_", " ", spread).casefold().split())


def squeezed(words: str) -> str:
    """Normalise a heading and remove its blanks: `APPT_TIME`, `Appt. Time` and `ApptTime` become the same."""
    return plain(words).replace(" ", "")


_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def clean(cell: str) -> str:
    """Remove invisible characters, and marks against conversion by a spreadsheet: `="001"`, `'001`."""
    if cell.isascii() and cell[:1] not in ("=", "'", " ", "\t"):
        return cell.strip()
    cell = cell.replace("\u00a0", " ").replace("\u202f", " ").translate(_UNSEEN).strip()
    if match := _WRAPPED.fullmatch(cell):
        cell = match[1].strip()
    return cell[1:] if cell.startswith("'") and cell[1:2].isalnum() else cell
