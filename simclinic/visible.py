r"""Escapes characters that a screen would obey or hide, in text from files and from the command line.

A name, a heading or a path may come from anybody. A terminal obeys escape sequences in it, bidirectional controls
reorder text, and characters without width are invisible. Each is replaced by its escape sequence, as in Python.

>>> print(visible("a\x1b[31mb, c\u202ed"))
a\x1b[31mb, c\u202ed
>>> print(one_line("two\nlines"))
two\nlines
"""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but for the tab and the line feed, DEL, C1
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # nothing to see, or direction
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # without width, direction, ends of lines and paragraphs
    "\ufeff\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff"  # halves of a pair: bytes of a file name that are no text
    "]"
)
_LAYOUT = re.compile("[\t\n]")


def visible(text: str) -> str:
    """Escape invisible characters; line feeds and tabs stay, since they belong to the layout."""
    return _INVISIBLE.sub(_escaped, text)


def one_line(text: object) -> str:
    """Escape invisible characters, line feeds and tabs too: for input text inside a line of output."""
    return visible(_LAYOUT.sub(_escaped, str(text)))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == ord("\n"):
        return r"\n"
    if code == ord("\t"):
        return r"\t"
    if code < 0x80:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte of a file name that is no text
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
