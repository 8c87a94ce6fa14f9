"""Keyword arguments that several calls share, declared once."""

from __future__ import annotations

import datetime as dt
import functools
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, TypeVar, get_type_hints

from simclinic.experiment.precision import MOST
from simclinic.studies.execution import ExecutionOptions

Call = TypeVar("Call", bound=Callable[..., Any])


class PanelOptions(TypedDict, total=False):
    """Today's patients with whom a study begins."""

    panel: str | os.PathLike[str] | None
    as_of: dt.date | str | None
    uncertain: bool


class StudyOptions(ExecutionOptions, PanelOptions, total=False):
    """How a study is simulated and stored, and today's patients with whom it begins."""


class CompareOptions(StudyOptions, total=False):
    """Keyword arguments of :func:`simclinic.compare`."""

    protocols: Sequence[str]
    kpis: Sequence[str]
    until: Mapping[str, float] | None
    at_most: int
    replications: int | None
    plain: bool


class TrackOptions(TypedDict, total=False):
    """The meaning of an export of appointments; see :func:`simclinic.calibrate`."""

    columns: Mapping[str, str] | None
    statuses: Mapping[str, str] | None
    kinds: Mapping[str, str] | None
    dates: str | None
    infusions: int | None
    whole_history: bool
    timezone: str | None
    sheet: str | None
    blank_patients: str | None
    same_number: str | None
    only: Mapping[str, str | Sequence[str]] | None
    leave_out: Sequence[str | tuple[dt.date, dt.date]]
    learn_clinic: bool


class ExportOptions(TrackOptions, total=False):
    """The meaning of an export, and the scenario with the settings that it does not determine."""

    base: str | os.PathLike[str] | None


class BacktestOptions(ExecutionOptions, ExportOptions, total=False):
    """The meaning of an export, and how its forecast is simulated and stored."""


_DEFAULTS = {
    "mix_versions": False,
    "uncertain": False,
    "whole_history": False,
    "learn_clinic": False,
    "leave_out": (),
    "protocols": (),
    "kpis": (),
    "at_most": MOST,
    "plain": False,
}
"""Defaults other than None."""


def takes(options: type) -> Callable[[Call], Call]:
    """List the keyword arguments of `**options` in the signature of a function, and refuse any others.

    Type checkers read them from `Unpack`; the signature serves `help()`, completion and error messages.
    """
    hints = get_type_hints(options)

    def decorated(call: Call) -> Call:
        own = inspect.signature(call)
        named = [each for each in own.parameters.values() if each.kind is not each.VAR_KEYWORD]
        more = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=_DEFAULTS.get(name), annotation=hint
            )
            for name, hint in hints.items()
        ]
        signature = own.replace(parameters=[*named, *more])

        @functools.wraps(call)
        def checked(*arguments: Any, **given: Any) -> Any:  # noqa: ANN401 (as the function has it)
            signature.bind(*arguments, **given)
            return call(*arguments, **given)

        checked.__signature__ = signature  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return decorated
