r"""Text from files and from the command line, with everything that a screen would obey or hide written out.

A name, a heading or a path may come from anybody. A terminal obeys escape sequences in it, bidirectional controls
turn text round, and characters without width hide. Such a character is shown by its code, as Python writes it.

>>> print(visible("a\x1b[31mb, c\u202ed"))
a\x1b[31mb, c\u202ed
>>> print(one_line("two\nlines"))
two\nlines
"""

from __future__ import annotations

import re

_UNSEEN = re.compile(
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
    """Write out what would not be seen; line feeds and tabs stay, for they are the layout's own."""
    return _UNSEEN.sub(_written_out, text)


def one_line(text: object) -> str:
    """Write out what would not be seen, line feeds and tabs too: somebody's words in a line of ours."""
    return visible(_LAYOUT.sub(_written_out, str(text)))


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code == ord("\n"):
        return r"\n"
    if code == ord("\t"):
        return r"\t"
    if code < 0x80:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte of a file name that is no text
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
