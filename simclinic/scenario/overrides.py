"""Overrides `ADDRESS=VALUE`: one setting changed without a change to the file.

The value is read as TOML (`clinic.chairs=4`, `relapse.days={dist="exponential", mean=30}`); a value that is not
TOML is text (`clinic.hours.sat=09:00-12:00`). Overrides are applied to the resolved scenario one by one, in their
order.

A target `FIGURE<=VALUE` of `--target` is an override of `[targets]`: `access_days_p90<=10` stands for
`targets.access_days_p90="<= 10"`, and `access_days_p90<=10 in 80%` for a limit that 8 replications of 10 keep. A
figure of a part is written with it: `wait_minutes_p90:esketamine<=15`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence

from simclinic.scenario.addresses import address_parts
from simclinic.scenario.draft import Draft, Layer
from simclinic.scenario.part_targets import figures_of_parts, path_of
from simclinic.scenario.problems import Fault, Path, nearest
from simclinic.scenario.section import Raw

_MOST = 100_000
"""The longest override that is read, in characters."""


TARGET = "--target "
"""Beginning of an override that is a target."""

_TARGET = re.compile(
    r"\s*(?P<figure>[\w.-]+(?::[\w-]+)?)\s*(?P<sign><=|>=)\s*(?P<limit>[^\s%]+\s*%?)"
    r"(?:\s+in\s+(?P<share>\d{0,3}(?:\.\d{1,9})?)\s*(?P<percent>%?))?\s*"
)


def target_overrides(targets: Sequence[str]) -> list[str]:
    """Return the overrides that targets stand for.

    >>> target_overrides(["access_days_p90<=10"])
    ['--target access_days_p90<=10']
    """
    return [f"{TARGET}{target}" for target in targets]


def apply_override(draft: Draft, written: str) -> None:
    """Apply one `ADDRESS=VALUE`, or one target, to a draft; faults are recorded in the draft."""
    if written.startswith(TARGET):
        _apply_target(draft, written.removeprefix(TARGET))
        return
    shown = f"--set {written}" if len(written) <= 80 else f"--set {written[:77]}..."
    layer = Layer(shown.replace("\n", " "))

    address, equals, value = _split(written)
    if not equals:
        _refuse(draft, "must be ADDRESS=VALUE, such as clinic.chairs=4", layer)
    elif len(written) > _MOST:
        _refuse(draft, f"is longer than {_MOST:,} characters", layer)
    else:
        apply_setting(draft, address, read_value(value), layer)


def _apply_target(draft: Draft, written: str) -> None:
    """Set one target; faults are recorded in the draft."""
    layer = Layer(f"{TARGET}{written if len(written) <= 80 else written[:77] + '...'}".replace("\n", " "))
    found = _TARGET.fullmatch(written[:_MOST])
    if found is None:
        _refuse(draft, "must be FIGURE<=VALUE or FIGURE>=VALUE, such as 'access_days_p90<=10'", layer)
        return
    value: Raw = f"{found['sign']} {found['limit'].strip()}"
    if found["share"] is not None:
        bound, percent = found["limit"].removesuffix("%").strip(), found["limit"].endswith("%")
        try:
            limit = float(bound) / (100 if percent else 1)
            share = float(found["share"]) / (100 if found["percent"] else 1)
        except ValueError:
            _refuse(draft, "must have a number, such as 'access_days_p90<=10 in 80%'", layer)
            return
        value = {"at_most" if found["sign"] == "<=" else "at_least": limit, "in": share}
    figure = found["figure"].removeprefix("targets.").removeprefix("own.")
    own = draft.tables.get("own")
    listed = own.get("kpis") if isinstance(own, dict) else None
    is_own = isinstance(listed, list | tuple) and figure in listed
    path = ("targets", "own", figure) if is_own else path_of(figure)
    if path is None:
        near = nearest(figure.partition(":")[0], figures_of_parts())
        hint = f"; did you mean {near!r}?" if near else ""
        _refuse(draft, f"{figure!r} is no figure of a type of visit, a role or a place{hint}", layer)
    else:
        draft.put(path, value, layer)


def apply_setting(draft: Draft, address: str, value: Raw, layer: Layer) -> None:
    """Change the setting at an address of a draft; faults of the address are recorded in the draft."""
    try:
        path = address_parts(address)
    except ValueError as error:
        _refuse(draft, str(error), layer)
        return
    if path == ("extends",):
        _refuse(draft, "extends is for files only", layer)
    else:
        draft.put(path, value, layer)


def parsed(overrides: Sequence[str]) -> Iterator[tuple[Path, Raw]]:
    """Yield the place and the value of each override; they must be valid."""
    for written in overrides:
        address, _, value = _split(written)
        yield address_parts(address), read_value(value)


def _refuse(draft: Draft, rule: str, layer: Layer) -> None:
    draft.faults.append((layer, Fault((), rule)))


def _split(written: str) -> tuple[str, str, str]:
    """Split at the first `=` that is not inside a quoted part of the address."""
    quote = ""
    for number, letter in enumerate(written):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "=":
            return written[:number], "=", written[number + 1 :]
    return written, "", ""


def read_value(written: str) -> Raw:
    """Read a value as TOML, or as text if it is not a TOML value."""
    written = written.strip()
    try:
        tables = tomllib.loads(f"value = {written}")
    except (ValueError, RecursionError):
        return written
    return tables["value"] if tables.keys() == {"value"} else written
