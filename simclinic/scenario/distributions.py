"""How a quantity varies: `minutes = 40`, or `minutes = { dist = "gamma", mean = 15, cv = 0.3 }`.

A plain number never varies. Otherwise `dist` names the family, and `at_least` and `at_most` clip: values
outside become the bound. Durations cannot be negative, so a family that can go below 0 needs `at_least = 0`
or more where a duration is meant. Times to relapse may have `never`, the share of patients to whom it never
happens.

This room describes the laws; drawing from them is the business of `simclinic.sampling`.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, WithJsonSchema, model_validator
from pydantic_core import CoreSchema, core_schema

from simclinic.scenario.problems import Broken
from simclinic.scenario.quantities import Positive, Real, Share
from simclinic.scenario.section import Listed, Raw, Section


class Law(Section):
    """What all families share: the bounds, and the share to whom it never happens."""

    lowest_natural: ClassVar[float] = 0.0
    """The lowest value of the family before clipping, where its settings do not move it."""

    at_least: Real | None = None
    """Values below become this. Unit: the quantity's own. Default: no bound."""
    at_most: Real | None = None
    """Values above become this. Unit: the quantity's own. Default: no bound."""
    never: Share = 0.0
    """Share to whom it never happens; only for times to relapse. Default: 0."""

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Law:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least must not lie above at_most")
        return self

    def written(self) -> Raw:
        """Give the law as a scenario file has it: a table, or the number that is short for a constant."""
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
        """The lowest value that can come out, after clipping."""
        low = self.unclipped_lowest if self.at_least is None else max(self.unclipped_lowest, self.at_least)
        return low if self.at_most is None else min(low, self.at_most)


class Constant(Law):
    """Always the same; `minutes = 40` is short for it."""

    dist: Literal["constant"] = "constant"
    """The family."""
    value: Real
    """The value."""

    def written(self) -> Raw:
        """Give the number, if nothing clips it."""
        plain = self.at_least is None and self.at_most is None and not self.never
        return self.value if plain else super().written()

    @property
    def unclipped_lowest(self) -> float:
        """The value."""
        return self.value


class Exponential(Law):
    """Without memory: what is left does not depend on what has passed."""

    dist: Literal["exponential"] = "exponential"
    """The family."""
    mean: Positive
    """The mean."""


class Uniform(Law):
    """Anything between two bounds, all alike."""

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


class Triangular(Law):
    """Between two bounds, with a most likely value: what one gets by asking the staff."""

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
            raise ValueError("low and high must differ; for a value that does not vary write the number")
        return self

    @property
    def unclipped_lowest(self) -> float:
        """The lower bound."""
        return self.low


class Normal(Law):
    """The bell curve; reaches below 0, so a duration needs `at_least`."""

    lowest_natural: ClassVar[float] = -math.inf

    dist: Literal["normal"] = "normal"
    """The family."""
    mean: Real
    """The mean, before clipping."""
    sd: Positive
    """The standard deviation, before clipping."""


class Lognormal(Law):
    """Its logarithm is a bell curve: given by `median` or `mu`, and `sigma`; or by `mean` and `sd`."""

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
        """The mean of the logarithm, whichever way the law was given."""
        if self.given_mu is not None:
            return self.given_mu
        if self.median is not None:
            return math.log(self.median)
        assert self.mean is not None
        return math.log(self.mean) - self.sigma**2 / 2

    @property
    def sigma(self) -> float:
        """The standard deviation of the logarithm, whichever way the law was given."""
        if self.given_sigma is not None:
            return self.given_sigma
        assert self.mean is not None
        assert self.sd is not None
        return math.sqrt(math.log1p((self.sd / self.mean) ** 2))


class Gamma(Law):
    """A positive length with a mean and a coefficient of variation: most tasks done by hand."""

    dist: Literal["gamma"] = "gamma"
    """The family."""
    mean: Positive
    """The mean, before clipping."""
    cv: Annotated[float, Field(gt=0, le=10)]
    """The standard deviation as a share of the mean, before clipping."""


class Weibull(Law):
    """A time to an event whose rate rises (shape above 1) or falls (below 1) with time."""

    dist: Literal["weibull"] = "weibull"
    """The family."""
    shape: Annotated[float, Field(ge=0.05, le=100)]
    """Above 1 the event becomes more likely with time, below 1 less."""
    scale: Positive
    """The time by which 63 % have had it."""


class Loglogistic(Law):
    """A time to an event with a long tail; the mean exists only for a shape above 1."""

    dist: Literal["loglogistic"] = "loglogistic"
    """The family."""
    median: Positive
    """The median."""
    shape: Annotated[float, Field(ge=0.05, le=100)]
    """The larger, the less it varies."""


class Empirical(Law):
    """One of the listed values, all alike: measured lengths, replayed."""

    dist: Literal["empirical"] = "empirical"
    """The family."""
    values: Annotated[tuple[Real, ...], Listed, Field(min_length=1, max_length=100_000)]
    """The values."""

    @property
    def unclipped_lowest(self) -> float:
        """The smallest listed value."""
        return min(self.values)


LAWS: dict[str, type[Law]] = {
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

AnyLaw = (
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


def read_law(value: object) -> Law:
    """Read a distribution: a number, or a table whose `dist` names the family.

    Raises
    ------
    ValueError
        If it is neither, or the family's own settings are wrong.
    """
    if isinstance(value, Law):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant.model_validate({"value": value})
    if not isinstance(value, dict):
        rule = 'must be a number, or a table such as { dist = "gamma", mean = 15, cv = 0.3 }'
        raise ValueError(rule)  # noqa: TRY004  (pydantic carries out ValueErrors only)
    families = " or ".join((", ".join(f'"{name}"' for name in list(LAWS)[:-1]), f'"{list(LAWS)[-1]}"'))
    family = value.get("dist")
    broken = Broken()
    if family is None:
        broken.add(("dist",), f"is needed: {families}")
    elif not isinstance(family, str) or family not in LAWS:
        broken.add(("dist",), f"must be {families}", family, LAWS)
    broken.raise_if_any()
    return LAWS[str(family)].model_validate(value)


def _happens(law: Law) -> Law:
    if law.never:
        raise ValueError("never belongs to times to relapse only: everything else does happen")
    return law


def _not_negative(law: Law) -> Law:
    if law.lowest < 0:
        raise ValueError("can fall below 0, which a duration cannot: give at_least = 0 or more")
    return law


def _has_a_mean(law: Law) -> Law:
    if isinstance(law, Loglogistic) and law.shape <= 1 and law.at_most is None:
        raise ValueError("has no mean to plan with: give a shape above 1, or at_most")
    return law


LEAST_DAYS = 0.04
"""Days to relapse, an hour, that the middle of a law must reach: without any, boosters follow at once for ever."""


def typical(law: Law) -> float:
    """Give a middle value of a law: the median where it is written easily, else the mean; then clipped."""
    middle = _middle(law)
    middle = middle if law.at_least is None else max(middle, law.at_least)
    return middle if law.at_most is None else min(middle, law.at_most)


def _middle(law: Law) -> float:
    """Give a middle value of a law before clipping: the median where it is written easily, else the mean."""
    match law:
        case Constant():
            return law.value
        case Exponential() | Normal() | Gamma():
            return law.mean
        case Uniform():
            return (law.low + law.high) / 2
        case Triangular():
            return (law.low + law.mode + law.high) / 3
        case Lognormal():
            return math.exp(law.mu)
        case Weibull():
            return float(law.scale * math.log(2) ** (1 / law.shape))
        case Loglogistic():
            return law.median
        case Empirical():
            return sorted(law.values)[len(law.values) // 2]
        case _:
            raise TypeError(type(law))


def _takes_time(law: Law) -> Law:
    middle = typical(law)
    if middle < LEAST_DAYS and law.never < 1:
        raise ValueError(
            "is the days from an infusion to the next relapse: the typical value must be at least "
            f"{LEAST_DAYS:g}, an hour, or boosters follow each other at once (here it is {middle:.3g})"
        )
    return law


# Families are told apart by hand: a union of ten models in each of a dozen fields would double the time a
# worker takes to start.
class _Read:
    """Reads and writes a law, and nothing more."""

    def __get_pydantic_core_schema__(self, _source: type, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            read_law,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda law: law.written()),
        )


_Reference = WithJsonSchema({"law": "Distribution"})
_WithNever = WithJsonSchema({"law": "TimeToRelapse"})

Distribution = Annotated[AnyLaw, _Read(), AfterValidator(_happens), _Reference]
"""Any finite quantity, negative ones included."""

Duration = Annotated[AnyLaw, _Read(), AfterValidator(_happens), AfterValidator(_not_negative), _Reference]
"""A quantity that is never negative."""

WorkTime = Annotated[
    AnyLaw,
    _Read(),
    AfterValidator(_happens),
    AfterValidator(_not_negative),
    AfterValidator(_has_a_mean),
    _Reference,
]
"""A length of work, never negative, whose mean the grid of starts is planned with."""

TimeToRelapse = Annotated[
    AnyLaw, _Read(), AfterValidator(_not_negative), AfterValidator(_takes_time), _WithNever
]
"""A time that for a share of patients (`never`) does not come."""
