"""The digest of a report, in a comment at its end: a report may lie outside of any results folder.

>>> is_intact(with_digest("<html></html>"))
True
>>> is_intact(with_digest("<html></html>").replace(b"html", b"hxml"))
False
"""

from __future__ import annotations

import re

from simclinic.store.tables import sha256

_DIGEST = re.compile(rb"<!-- sha256 ([0-9a-f]{64}) -->\n\Z")


def with_digest(text: str) -> bytes:
    """Encode a page and append its digest."""
    content = text.encode()
    return content + f"<!-- sha256 {sha256(content)} -->\n".encode()


def is_intact(content: bytes) -> bool:
    """Return whether a page is unchanged since it was written; an older page without a digest counts as such."""
    match = _DIGEST.search(content)
    if match is None:
        return b"<!-- sha256 " not in content
    return sha256(content[: match.start()]) == match[1].decode()
