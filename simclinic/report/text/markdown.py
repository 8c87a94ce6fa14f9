r"""Untrusted text in Markdown: plain text, never a link, a picture, HTML, or a heading.

>>> print(words("a [click](javascript:x) <b>*now*</b> at https://example.org"))
a \[click\](javascript:x) \<b>\*now\*\</b> at `https://example.org`
>>> print(code("a`b"))
``a`b``
"""

from __future__ import annotations

import re

from simclinic.visible import one_line

_MARKS = re.compile(r"[\\`*_\[\]<|~&$]")
_ADDRESS = re.compile(r"@|://|www\.", re.IGNORECASE)
"""Text that some renderers turn into a link by themselves; only inline code prevents that."""
_BACKTICKS = re.compile(r"`+")
_BEGINS = re.compile(r"^(?:[-=#>]|(?:\+|\d+[.)])(?= |$))")


def words(text: object) -> str:
    """Write untrusted text as one line that Markdown shows as plain text."""
    parts = one_line(" ".join(str(text).split())).split(" ")
    escaped = " ".join(
        code(word) if _ADDRESS.search(word) else _MARKS.sub(r"\\\g<0>", word) for word in parts if word
    )
    # At the beginning of a line these would begin a list, a heading or a quotation.
    return _BEGINS.sub(lambda mark: f"{mark[0][:-1]}\\{mark[0][-1]}", escaped)


def code(text: object) -> str:
    """Write a text as inline code, also for a cell of a table."""
    line = one_line(text).replace("|", "\\|") or " "
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(line)), default=0) + 1)
    blank = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{blank}{line}{blank}{fence}"


def block(language: str, *lines: str) -> str:
    """Write lines as a fenced block of code that no line can end."""
    shown = [one_line(line) for line in lines]
    longest = max((len(run) for line in shown for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *shown, fence])
