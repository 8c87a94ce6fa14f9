"""Reports carry their own digest, in a comment at their end: they may lie outside of any results folder.

>>> is_sound(sealed("<html></html>"))
True
>>> is_sound(sealed("<html></html>").replace(b"html", b"hxml"))
False
"""

from __future__ import annotations

import re

from simclinic.store.tables import sha256

_SEAL = re.compile(rb"<!-- sha256 ([0-9a-f]{64}) -->\n\Z")


def sealed(text: str) -> bytes:
    """Write a page with its digest."""
    content = text.encode()
    return content + f"<!-- sha256 {sha256(content)} -->\n".encode()


def is_sound(content: bytes) -> bool:
    """Tell whether a page is as it was written; one of before, without a digest, is taken as it is."""
    found = _SEAL.search(content)
    if found is None:
        return b"<!-- sha256 " not in content
    return sha256(content[: found.start()]) == found[1].decode()
