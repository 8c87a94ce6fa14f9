"""plotly's drawing code, compressed to fit into every report.

It comes with the installed plotly, so a report is drawn by the version its figures were made with. Written into the
page as it is it would take five megabytes; packed it takes less than two, and a browser unpacks it in a moment.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from functools import cache
from typing import NamedTuple


class Bundle(NamedTuple):
    """The packed code.

    Attributes
    ----------
    packed
        In base64 of gzip.
    source
        What a content security policy calls the unpacked code.
    """

    packed: str
    source: str


@cache
def bundle() -> Bundle:
    """Pack the installed plotly's drawing code."""
    from plotly.offline import get_plotlyjs

    code = get_plotlyjs().encode()
    # No time in it: the same report gives the same bytes.
    packed = base64.b64encode(gzip.compress(code, 9, mtime=0)).decode("ascii")
    return Bundle(packed, source_of(code))


def source_of(code: bytes) -> str:
    """Name a script by its hash, as a content security policy does."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code).digest()).decode('ascii')}'"
