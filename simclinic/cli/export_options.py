"""Command-line options for the meaning of an export of appointments, shared by all commands that read one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

if TYPE_CHECKING:
    from simclinic.calibration import Options

Command = TypeVar("Command", bound=Callable[..., Any])


class ExportArguments(TypedDict):
    """Values of the options, by the name of their parameter."""

    columns: dict[str, str]
    statuses: dict[str, str]
    kinds: dict[str, str]
    dates: str | None
    infusions: int | None
    whole_history: bool
    timezone: str | None
    sheet: str | None
    blank_patients: str | None
    same_number: str | None
    only: tuple[tuple[str, str], ...]
    leave_out: tuple[tuple[dt.date, dt.date], ...]
    learn_clinic: bool


def _pairs(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Parse repeated `WHAT=VALUE`, split at the last equals sign: `WHAT` may contain some."""
    meanings: dict[str, str] = {}
    for value in values:
        before, equals, after = value.rpartition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not of the form {parameter.metavar}")
        word, meaning = before.strip(), after.strip()
        if meanings.setdefault(word, meaning) != meaning:
            raise click.BadParameter(f"{word!r} is said to mean both {meanings[word]} and {meaning}")
    return meanings


def _columns(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for value in values:
        before, equals, after = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not of the form {parameter.metavar}")
        found[before.strip()] = after.strip()
    return found


def _rows(
    _: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values:
        before, equals, after = value.partition("=")
        if not equals or not before.strip():
            raise click.BadParameter(f"{value!r} is not of the form {parameter.metavar}")
        found.append((before.strip(), after.strip()))
    return tuple(found)


def _spans(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[dt.date, dt.date], ...]:
    from simclinic.calibration.periods import parse_period

    try:
        return tuple(parse_period(value) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


_ALL = (
    click.option(
        "--column",
        "columns",
        metavar="NAME=HEADING",
        multiple=True,
        callback=_columns,
        help="Heading of a column in the export, such as patient=MRN; can be given several times.",
    ),
    click.option(
        "--status",
        "statuses",
        metavar="WORD=MEANING",
        multiple=True,
        callback=_pairs,
        help="Meaning of a status: completed, no-show, cancelled, booked or ignore. In WORD, * matches any text; "
        "WORD[COLUMN=VALUE] applies to some rows only. Can be given several times.",
    ),
    click.option(
        "--kind",
        "kinds",
        metavar="WORD=MEANING",
        multiple=True,
        callback=_pairs,
        help="Meaning of a kind of visit: induction, booster, infusion, ignore, or a type of visit of the scenario "
        '(esketamine, "esketamine booster"); can be given several times.',
    ),
    click.option(
        "--dates",
        type=click.Choice(["dmy", "mdy", "ymd", "1900", "1904"]),
        help="Order of day, month and year in the export, if it is unclear; where it counts days, the year from "
        "which.",
    ),
    click.option(
        "--infusions",
        type=click.IntRange(1, 100),
        metavar="N",
        help="Infusions of a series. Default: the number that most series have.",
    ),
    click.option(
        "--whole-history",
        is_flag=True,
        help="The export begins with the clinic's first patient; there were no earlier ones.",
    ),
    click.option(
        "--timezone",
        metavar="ZONE",
        help="Time zone of the clinic, such as America/New_York, if the export has times in UTC; as-written if its "
        "times are local.",
    ),
    click.option("--sheet", metavar="NAME", help="Sheet of the workbook to read; all: every sheet."),
    click.option(
        "--blank-patients",
        type=click.Choice(["above", "nobody"]),
        help="Meaning of rows without a patient, if it is unclear: they belong to the patient above, or to nobody.",
    ),
    click.option(
        "--same-number",
        type=click.Choice(["same-patient", "by-site"]),
        help="Whether the same number at two sites is the same patient, if it is unclear.",
    ),
    click.option(
        "--only",
        metavar="COLUMN=VALUE",
        multiple=True,
        callback=_rows,
        help="Read only the rows with this value, such as location=North; can be given several times.",
    ),
    click.option(
        "--leave-out",
        metavar="FROM/TO",
        multiple=True,
        callback=_spans,
        help="Ignore a period such as 2025-03-01/2025-05-15, in which the clinic was closed or its data are wrong; "
        "can be given several times.",
    ),
    click.option(
        "--learn-clinic",
        is_flag=True,
        help="Estimate open days, hours and chairs from the export, too, and add shifts that fit them.",
    ),
)

NAMES = {
    "columns": "--column",
    "statuses": "--status",
    "kinds": "--kind",
    "dates": "--dates",
    "infusions": "--infusions",
    "whole_history": "--whole-history",
    "timezone": "--timezone",
    "sheet": "--sheet",
    "blank_patients": "--blank-patients",
    "same_number": "--same-number",
    "only": "--only",
    "leave_out": "--leave-out",
    "learn_clinic": "--learn-clinic",
}
"""Names of the options, by the name of their parameter."""


def all_options(command: Command) -> Command:
    """Add the options for the meaning of an export to a command."""
    for option in reversed(_ALL):
        command = option(command)
    return command


def calibration_options(arguments: ExportArguments) -> Options:
    """Return the options of a calibration."""
    from simclinic.calibration import Options

    return Options(**arguments)


def for_manifest(arguments: ExportArguments) -> Mapping[str, Any]:
    """Return the values as they are recorded in a manifest."""
    return calibration_options(arguments).for_manifest()
