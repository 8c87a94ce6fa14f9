"""Numbers that stand for something in the arrays of the past."""

from __future__ import annotations

import numpy as np

NONE = int(np.iinfo(np.int32).max)
"""Index of no day."""

DONE, GAVE_UP, LEFT, UNSERVED, AHEAD = range(5)
"""How a run of infusions ended: all given, missed one and did not rebook, left after one, turned away, or it has
not ended when the past ends."""
