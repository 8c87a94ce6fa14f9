"""What every part of the reading shares: the error that lists all problems, and headings in one spelling."""

from __future__ import annotations

import re

from simclinic.errors import InputError


class ExportError(InputError):
    """An export that cannot be read."""


def plain(words: str) -> str:
    """Write a heading or a word of an export so that it can be looked up: small letters, single blanks."""
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return " ".join(re.sub(r"[^\w]+|_", " ", spread).casefold().split())


def squeezed(words: str) -> str:
    """Write a heading without blanks: `APPT_TIME`, `Appt. Time` and `ApptTime` are one."""
    return plain(words).replace(" ", "")


_WRAPPED = re.compile(r'="(.*)"', re.DOTALL)
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


def clean(cell: str) -> str:
    """Take off what systems put around a cell so that a spreadsheet leaves it alone, and what nobody sees."""
    if cell.isascii() and cell[:1] not in ("=", "'", " ", "\t"):
        return cell.strip()
    cell = cell.replace("\u00a0", " ").replace("\u202f", " ").translate(_UNSEEN).strip()
    if found := _WRAPPED.fullmatch(cell):
        cell = found[1].strip()
    return cell[1:] if cell.startswith("'") and cell[1:2].isalnum() else cell
