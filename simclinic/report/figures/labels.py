"""Untrusted text in a chart: markup is escaped and long lines are folded, which plotly does not do.

>>> label("a <b>bold</b> name")
'a &lt;b&gt;bold&lt;/b&gt; name'
>>> label("visit.steps.infusion.patients_per_nurse", 20)
'visit.steps.<br>infusion.patients_<br>per_nurse'
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_BLANKS = re.compile(r"[ \t\r\n\f\v]+")
_AFTER = re.compile(r"(?<=[ ._,/-])")  # not after a blank that holds together
_MOST_LINES = 4
_LONGEST_WORD = 40
"""Characters of a word that is never broken: no name is in two parts."""


def label(text: str, width: int | None = None) -> str:
    """Write a text so that plotly shows it literally.

    Parameters
    ----------
    text
        Anybody's.
    width
        Characters in a line, after which it is folded, at blanks, dots and hyphens; a longer word is broken only
        from 40 characters on. More than four lines end with an ellipsis. None: one line.
    """
    text = _BLANKS.sub(" ", text).strip()
    lines = [text] if width is None else list(_lines(text, width))
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], f"{lines[_MOST_LINES - 1].rstrip()}…"]
    return "<br>".join(html.escape(line.strip(), quote=False) for line in lines)


def _lines(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in _AFTER.split(text):
        if line and len(line) + len(word.rstrip()) > width:
            yield line
            line = ""
        line += word
        while len(line.rstrip()) > max(width, _LONGEST_WORD):
            yield line[: max(width, _LONGEST_WORD)]
            line = line[max(width, _LONGEST_WORD) :]
    if line.strip():
        yield line
