"""The interval of a share, after Wilson.

>>> wilson(5, 10)
(0.2365931..., 0.7634068...)

Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
"""

from __future__ import annotations

import math

Z = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share; 0 to 1 without observations."""
    if not n:
        return 0.0, 1.0
    share, square = count / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n * n))
    return (0.0 if count == 0 else middle - half), (1.0 if count == n else middle + half)
