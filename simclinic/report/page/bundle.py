"""plotly's drawing code, compressed to fit into every report.

It comes with the installed plotly, so a report is drawn by the version its figures were made with. Written into the
page as it is it would take five megabytes; packed it takes less than two, and a browser unpacks it in a moment.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import NamedTuple

from simclinic.kept import kept

_LEVEL = 5
"""Level of compression: the highest takes twice as long for 1 % less."""


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
    """Pack the installed plotly's drawing code. That takes a tenth of a second, so it is kept."""
    code = _plotly_js()
    source = source_of(code)

    def packed() -> bytes:
        # No time in it: the same report gives the same bytes.
        return base64.b64encode(gzip.compress(code, _LEVEL, mtime=0))

    return Bundle(kept(Path(__file__), ".packed", f"{source} {_LEVEL}", packed).decode(), source)


def _plotly_js() -> bytes:
    """Read the drawing code from the installed package, whose import would take longer than the report."""
    found = importlib.util.find_spec("plotly")
    for place in (found and found.submodule_search_locations) or ():
        with contextlib.suppress(OSError):
            return Path(place, "package_data", "plotly.min.js").read_bytes()
    from plotly.offline import get_plotlyjs

    code: str = get_plotlyjs()
    return code.encode()


def source_of(code: bytes) -> str:
    """Name a script by its hash, as a content security policy does."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code).digest()).decode('ascii')}'"
