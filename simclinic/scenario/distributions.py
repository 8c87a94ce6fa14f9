"""Distributions of quantities: `minutes = 40`, or `minutes = { dist = "gamma", mean = 15, cv = 0.3 }`.

A plain number is a constant. Otherwise `dist` names the family, and `at_least` and `at_most` clip: values outside
are replaced by the bound. Durations cannot be negative, so a family that can fall below 0 needs `at_least = 0` or
more where a duration is asked for. Times to relapse may have `never`, the share of patients who never relapse.

This module describes distributions; `simclinic.sampling` draws from them.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, WithJsonSchema, model_validator
from pydantic_core import CoreSchema, core_schema

from simclinic.scenario.problems import Broken
from simclinic.scenario.quantities import Positive, Real, Share
from simclinic.scenario.section import Listed, Raw, Section


class BaseDistribution(Section):
    """Settings that all families share: bounds, and the share without the event."""

    lowest_natural: ClassVar[float] = 0.0
    """The lowest value of the family before clipping, where it does not depend on the settings."""

    at_least: Real | None = None
    """Smaller values are replaced by this one. Unit: that of the quantity. Default: no bound."""
    at_most: Real | None = None
    """Larger values are replaced by this one. Unit: that of the quantity. Default: no bound."""
    never: Share = 0.0
    """Share of patients who never have the event; only for times to relapse. Default: 0."""

    @model_validator(mode="after")
    def _bounds_in_order(self) -> BaseDistribution:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least must not lie above at_most")
        return self

    def written(self) -> Raw:
        """Return the distribution as in a scenario file: a table, or a number for a constant."""
        table = self.model_dump(by_alias=True, exclude_none=True)
        shared = {key: table.pop(key) for key in ("at_least", "at_most", "never") if key in table}
        if not self.never:
            del shared["never"]
        return {"dist": table.pop("dist"), **table, **shared}

    @property
    def unclipped_lowest(self) -> float:
        """The lowest value before clipping; minus infinity for the normal distribution."""
        return self.lowest_natural

    @property
    def lowest(self) -> float:
        """The lowest possible value, after clipping."""
        low = self.unclipped_lowest if self.at_least is None else max(self.unclipped_lowest, self.at_least)
        return low if self.at_most is None else min(low, self.at_most)


class Constant(BaseDistribution):
    """Always the same value; `minutes = 40` is short for it."""

    dist: Literal["constant"] = "constant"
    """The family."""
    value: Real
    """The value."""

    def written(self) -> Raw:
        """Return the plain number, if nothing clips it."""
        plain = self.at_least is None and self.at_most is None and not self.never
        return self.value if plain else super().written()

    @property
    def unclipped_lowest(self) -> float:
        """The value."""
        return self.value


class Exponential(BaseDistribution):
    """Without memory: the remaining time does not depend on the time that has passed."""

    dist: Literal["exponential"] = "exponential"
    """The family."""
    mean: Positive
    """The mean."""


class Uniform(BaseDistribution):
    """Values between two bounds, all equally likely."""

    dist: Literal["uniform"] = "uniform"
    """The family."""
    low: Real
    """The lowest value."""
    high: Real
    """The highest value."""

    @model_validator(mode="after")
    def _in_order(self) -> Uniform:
        if self.low > self.high:
            raise ValueError("low must not lie above high")
        return self

    @property
    def unclipped_lowest(self) -> float:
        """The lower bound."""
        return self.low


class Triangular(BaseDistribution):
    """Values between two bounds, with a most likely one: what staff can estimate."""

    dist: Literal["triangular"] = "triangular"
    """The family."""
    low: Real
    """The lowest value."""
    mode: Real
    """The most likely value."""
    high: Real
    """The highest value."""

    @model_validator(mode="after")
    def _in_order(self) -> Triangular:
        if not self.low <= self.mode <= self.high:
            raise ValueError("must have low <= mode <= high")
        if self.low == self.high:
            raise ValueError("low and high must differ; for a constant, write the number")
        return self

    @property
    def unclipped_lowest(self) -> float:
        """The lower bound."""
        return self.low


class Normal(BaseDistribution):
    """The bell curve; extends below 0, so a duration needs `at_least`."""

    lowest_natural: ClassVar[float] = -math.inf

    dist: Literal["normal"] = "normal"
    """The family."""
    mean: Real
    """The mean, before clipping."""
    sd: Positive
    """The standard deviation, before clipping."""


class Lognormal(BaseDistribution):
    """The logarithm is normal: given by `median` or `mu`, and `sigma`; or by `mean` and `sd`."""

    dist: Literal["lognormal"] = "lognormal"
    """The family."""
    median: Positive | None = None
    """The median; exp(mu)."""
    given_mu: Annotated[float, Field(ge=-30, le=30)] | None = Field(default=None, alias="mu")
    """The mean of the logarithm."""
    given_sigma: Annotated[float, Field(gt=0, le=10)] | None = Field(default=None, alias="sigma")
    """The standard deviation of the logarithm."""
    mean: Positive | None = None
    """The mean, before clipping."""
    sd: Positive | None = None
    """The standard deviation, before clipping."""

    @model_validator(mode="after")
    def _given_one_way(self) -> Lognormal:
        given = {key for key in ("median", "mean", "sd") if getattr(self, key) is not None}
        given |= {"mu"} if self.given_mu is not None else set()
        given |= {"sigma"} if self.given_sigma is not None else set()
        if given not in ({"median", "sigma"}, {"mu", "sigma"}, {"mean", "sd"}):
            raise ValueError("a lognormal needs exactly median and sigma, or mu and sigma, or mean and sd")
        if self.mean is not None and self.sd is not None and self.sd / self.mean > 1e21:
            raise ValueError("sd is too large against the mean: sigma would be above 10")
        return self

    @property
    def mu(self) -> float:
        """The mean of the logarithm, computed if the distribution was given in another way."""
        if self.given_mu is not None:
            return self.given_mu
        if self.median is not None:
            return math.log(self.median)
        assert self.mean is not None
        return math.log(self.mean) - self.sigma**2 / 2

    @property
    def sigma(self) -> float:
        """The standard deviation of the logarithm, computed if the distribution was given in another way."""
        if self.given_sigma is not None:
            return self.given_sigma
        assert self.mean is not None
        assert self.sd is not None
        return math.sqrt(math.log1p((self.sd / self.mean) ** 2))


class Gamma(BaseDistribution):
    """A positive duration with a mean and a coefficient of variation: fits most manual tasks."""

    dist: Literal["gamma"] = "gamma"
    """The family."""
    mean: Positive
    """The mean, before clipping."""
    cv: Annotated[float, Field(gt=0, le=10)]
    """The standard deviation as a share of the mean, before clipping."""


class Weibull(BaseDistribution):
    """A time to an event whose hazard rises (shape above 1) or falls (below 1) with time."""

    dist: Literal["weibull"] = "weibull"
    """The family."""
    shape: Annotated[float, Field(ge=0.05, le=100)]
    """Above 1 the event becomes more likely with time, below 1 less."""
    scale: Positive
    """The time by which 63 % have had the event."""


class Loglogistic(BaseDistribution):
    """A time to an event with a long tail; the mean exists only for a shape above 1."""

    dist: Literal["loglogistic"] = "loglogistic"
    """The family."""
    median: Positive
    """The median."""
    shape: Annotated[float, Field(ge=0.05, le=100)]
    """Larger values mean less variation."""


class Empirical(BaseDistribution):
    """One of the listed values, all equally likely: measured durations, replayed."""

    dist: Literal["empirical"] = "empirical"
    """The family."""
    values: Annotated[tuple[Real, ...], Listed, Field(min_length=1, max_length=100_000)]
    """The values."""

    @property
    def unclipped_lowest(self) -> float:
        """The smallest listed value."""
        return min(self.values)


FAMILIES: dict[str, type[BaseDistribution]] = {
    "constant": Constant,
    "exponential": Exponential,
    "uniform": Uniform,
    "triangular": Triangular,
    "normal": Normal,
    "lognormal": Lognormal,
    "gamma": Gamma,
    "weibull": Weibull,
    "loglogistic": Loglogistic,
    "empirical": Empirical,
}
"""The families, by their name in `dist`."""

AnyDistribution = (
    Constant
    | Exponential
    | Uniform
    | Triangular
    | Normal
    | Lognormal
    | Gamma
    | Weibull
    | Loglogistic
    | Empirical
)
"""One of the families."""


def read_distribution(value: object) -> BaseDistribution:
    """Read a distribution: a number, or a table whose `dist` names the family.

    Raises
    ------
    ValueError
        If the value is neither, or settings of the family are wrong.
    """
    if isinstance(value, BaseDistribution):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant.model_validate({"value": value})
    if not isinstance(value, dict):
        rule = 'must be a number, or a table such as { dist = "gamma", mean = 15, cv = 0.3 }'
        raise ValueError(rule)  # noqa: TRY004  (pydantic reports ValueErrors only)
    families = " or ".join(
        (", ".join(f'"{name}"' for name in list(FAMILIES)[:-1]), f'"{list(FAMILIES)[-1]}"')
    )
    family = value.get("dist")
    broken = Broken()
    if family is None:
        broken.add(("dist",), f"is needed: {families}")
    elif not isinstance(family, str) or family not in FAMILIES:
        broken.add(("dist",), f"must be {families}", family, FAMILIES)
    broken.raise_if_any()
    return FAMILIES[str(family)].model_validate(value)


def _happens(distribution: BaseDistribution) -> BaseDistribution:
    if distribution.never:
        raise ValueError("never is for times to relapse only")
    return distribution


def _not_negative(distribution: BaseDistribution) -> BaseDistribution:
    if distribution.lowest < 0:
        raise ValueError("can fall below 0, but a duration cannot: give at_least = 0 or more")
    return distribution


def _has_a_mean(distribution: BaseDistribution) -> BaseDistribution:
    if isinstance(distribution, Loglogistic) and distribution.shape <= 1 and distribution.at_most is None:
        raise ValueError("has no mean, which planning needs: give a shape above 1, or at_most")
    return distribution


LEAST_DAYS = 0.04
"""Least typical time to relapse, in days (an hour): without a bound, boosters could follow one another at once."""


def typical(distribution: BaseDistribution) -> float:
    """Return a typical value: the median where it has a simple form, else the mean; then clipped."""
    middle = _middle(distribution)
    middle = middle if distribution.at_least is None else max(middle, distribution.at_least)
    return middle if distribution.at_most is None else min(middle, distribution.at_most)


def _middle(distribution: BaseDistribution) -> float:
    """Return a typical value before clipping: the median where it has a simple form, else the mean."""
    match distribution:
        case Constant():
            return distribution.value
        case Exponential() | Normal() | Gamma():
            return distribution.mean
        case Uniform():
            return (distribution.low + distribution.high) / 2
        case Triangular():
            return (distribution.low + distribution.mode + distribution.high) / 3
        case Lognormal():
            return math.exp(distribution.mu)
        case Weibull():
            return float(distribution.scale * math.log(2) ** (1 / distribution.shape))
        case Loglogistic():
            return distribution.median
        case Empirical():
            return sorted(distribution.values)[len(distribution.values) // 2]
        case _:
            raise TypeError(type(distribution))


def _takes_time(distribution: BaseDistribution) -> BaseDistribution:
    middle = typical(distribution)
    if middle < LEAST_DAYS and distribution.never < 1:
        raise ValueError(
            f"must typically be at least {LEAST_DAYS:g} days (an hour) from an infusion to the next relapse, or "
            f"boosters would follow one another at once (the typical value is {middle:.3g})"
        )
    return distribution


# `dist` is looked up here and not by a pydantic union: ten models in each of a dozen fields would double the time
# a worker needs to start.
class _Read:
    """Reads and writes a distribution with plain functions instead of a generated schema."""

    def __get_pydantic_core_schema__(self, _source: type, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            read_distribution,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda distribution: distribution.written()
            ),
        )


_Reference = WithJsonSchema({"distribution": "Distribution"})
_WithNever = WithJsonSchema({"distribution": "TimeToRelapse"})

Distribution = Annotated[AnyDistribution, _Read(), AfterValidator(_happens), _Reference]
"""Any finite quantity, negative ones included."""

Duration = Annotated[
    AnyDistribution, _Read(), AfterValidator(_happens), AfterValidator(_not_negative), _Reference
]
"""A quantity that is never negative."""

WorkTime = Annotated[
    AnyDistribution,
    _Read(),
    AfterValidator(_happens),
    AfterValidator(_not_negative),
    AfterValidator(_has_a_mean),
    _Reference,
]
"""A duration of work, never negative, with a mean, from which the grid of starts is planned."""

TimeToRelapse = Annotated[
    AnyDistribution, _Read(), AfterValidator(_not_negative), AfterValidator(_takes_time), _WithNever
]
"""A time to relapse; a share of patients (`never`) does not relapse."""
