"""How often confidence sequences are wrong in synthetic studies: `python -m tests.experiment.error_rates`.

It writes the tables of docs/background/sequences.md anew, in ten minutes. A study has 12 plans with two targets
each. All studies are looked at after every replication, up to 1,000. Means lie exactly at their limits, where
errors are most frequent.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special, stats

from simclinic.experiment.sequences import betting_evidence, t_multiplier, years_evidence

PAGE = Path(__file__).parents[2] / "docs" / "background" / "sequences.md"
ALPHA = 0.05
PLANS, TARGETS, MOST = 12, 2, 1000
CORRELATIONS = (0.0, 0.5, 0.9)
ONE = 0.0028
"""The beta of the table of single figures: certificates of nine plans at an alpha of 5 %, rounded."""

UNRULED = "t without the rule on equal values"
"""The t sequence as if it had bounds for figures that are mostly the same, which the program does not."""


@dataclass(frozen=True)
class Law:
    """A law of one figure over replications.

    Attributes
    ----------
    title
        In words.
    draw
        Turns uniform values into figures.
    mean
        Its mean, which is also the limit.
    kind
        The sequence for it.
    holds
        Whether the sequence is right for it, so that the error rate is bounded.
    at_most
        Whether the limit is an upper one.
    """

    title: str
    draw: Callable
    mean: float
    kind: str
    holds: bool
    at_most: bool = True


def _zeros(u):
    """Nine in ten are zero; the others are spread between 0 and 1 with a mean of 1/6."""
    return special.betaincinv(1, 5, np.clip((u - 0.9) / 0.1, 0, 1))


LAWS = (
    Law("normal", special.ndtri, 0.0, "t", True),
    Law("8 years of 10", lambda u: (u > 0.2).astype(float), 0.8, "years", True, at_most=False),
    Law("a share, 90 % zeros", _zeros, 0.1 / 6, "betting", True),
    Law(
        "a share near 0.9",
        lambda u: stats.beta(27, 3).ppf(np.linspace(0.0005, 0.9995, 1000))[(u * 1000).astype(int)],
        float(stats.beta(27, 3).ppf(np.linspace(0.0005, 0.9995, 1000)).mean()),
        "betting",
        True,
        at_most=False,
    ),
    Law("lognormal, σ 0.5", lambda u: np.exp(0.5 * special.ndtri(u)), float(np.exp(0.125)), "t", False),
    Law("exponential", lambda u: -np.log1p(-u), 1.0, "t", False),
    Law("8 years of 10", lambda u: (u > 0.2).astype(float), 0.8, UNRULED, False, at_most=False),
    Law("a share, 90 % zeros", _zeros, 0.1 / 6, UNRULED, False),
)


@functools.cache
def _years(mean, most):
    """The evidence against a share, by number of replications and of those that kept the limit."""
    n = np.arange(1, most + 1)[:, np.newaxis]
    kept = np.arange(most + 1)
    return np.where(kept <= n, years_evidence(np.minimum(kept, n), n, mean), -np.inf)


def ever_above(kind, values, mean, beta):
    """Whether the lower bound was ever above the mean; replications along the last axis."""
    return above(kind, values, mean, beta).any(-1)


def ever_below(kind, values, mean, beta):
    """Whether the upper bound was ever below the mean: the same, seen from the other end of the range."""
    return ever_above(*mirrored(kind, values, mean), beta)


def mirrored(kind, values, mean):
    """The same figure seen from the other end of its range."""
    return (kind, -values, -mean) if kind.startswith("t") else (kind, 1 - values, 1 - mean)


def above(kind, values, mean, beta):
    """Whether the lower bound is above the mean, after each replication along the last axis."""
    n = np.arange(1, values.shape[-1] + 1)
    if kind == "betting":
        return betting_evidence(values, mean) >= -np.log(beta)
    if kind == "years":
        kept = np.cumsum(values, axis=-1, dtype=np.int64)
        return _years(mean, values.shape[-1])[n - 1, kept] >= -np.log(beta)
    multiplier = t_multiplier(n, beta)
    known = np.isfinite(multiplier)
    away = values - mean
    means = np.cumsum(away, axis=-1) / n
    squares = np.cumsum(away**2, axis=-1) - n * means**2
    error = np.sqrt(np.maximum(squares[..., known], 0) / (n[known] - 1) / n[known])
    reach = np.where(error > 0, multiplier[known] * error, np.inf)
    result = np.zeros(values.shape, dtype=bool)
    result[..., known] = means[..., known] > reach
    return result


def single(law, studies, rng):
    """Shares of studies of one figure in which the upper bound was wrong, and the lower one."""
    wrong = np.zeros(2)
    for size in _parts(studies, 500):
        values = law.draw(rng.random((size, MOST)))
        wrong += [each(law.kind, values, law.mean, ONE).sum() for each in (ever_below, ever_above)]
    return wrong / studies


def study(law, correlation, studies, rng):
    """Shares of studies with a false certificate, with a false exclusion, and with either.

    Every figure lies at its limit. A plan could be certified by one figure alone, as if its other target were met
    by far; that is the case with the most errors.
    """
    certified, excluded = [], []
    for size in _parts(studies, 20):
        shape = (size, PLANS * TARGETS, MOST)
        common = rng.standard_normal((size, 1, MOST))
        normal = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal(shape)
        values = law.draw(np.minimum(special.ndtr(normal), 1 - 1e-16))
        first = values[:, ::TARGETS]
        good, bad = (ever_below, ever_above) if law.at_most else (ever_above, ever_below)
        certified.append(good(law.kind, first, law.mean, ALPHA / 2 / PLANS).any(-1))
        excluded.append(bad(law.kind, values, law.mean, ALPHA / 2 / PLANS / TARGETS).any(-1))
    meets, misses = np.concatenate(certified), np.concatenate(excluded)
    return meets.mean(), misses.mean(), (meets | misses).mean()


def _parts(total, size):
    return [min(size, total - done) for done in range(0, total, size)]


def tables(studies, rng):
    """The two tables of the page, by name."""
    lines = [
        "| figure over replications | sequence | false certificate | false exclusion | either |",
        "| --- | --- | --- | --- | --- |",
    ]
    for law in LAWS:
        result = np.array([study(law, correlation, studies, rng) for correlation in CORRELATIONS])
        cells = (" · ".join(f"{100 * value:.1f}" for value in column) + " %" for column in result.T)
        lines.append(f"| {law.title} | {_named(law)} | {' | '.join(cells)} |")
    alone = [
        "| figure over replications | sequence | upper bound too low | lower bound too high |",
        "| --- | --- | --- | --- |",
    ]
    for law in LAWS:
        low, high = single(law, 10 * studies, rng)
        alone.append(f"| {law.title} | {_named(law)} | {100 * low:.2f} % | {100 * high:.2f} % |")
    return {"studies": lines, "single": alone}


def _named(law):
    return law.kind if law.holds or law.kind == UNRULED else f"{law.kind}, not made for it"


def write(result):
    """Put the tables into the page."""
    text = PAGE.read_text(encoding="utf-8")
    for name, lines in result.items():
        before, rest = text.split(f"<!-- from the program: {name} -->\n")
        text = (
            f"{before}<!-- from the program: {name} -->\n"
            + "\n".join(lines)
            + "\n"
            + rest[rest.index("<!-- end") :]
        )
    PAGE.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(tables(2000, np.random.default_rng(20261127)))
