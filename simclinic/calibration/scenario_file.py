"""The calibrated scenario as a TOML file that extends the base scenario, with the source of each setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simclinic.calibration.estimates import JointUncertainty, Setting, rounded

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import Item, Table

BASE = "baseline.toml"
"""File name of the base scenario, beside the file."""
_ORDER = (
    "calibrated",
    "run",
    "clinic",
    "shifts",
    "places",
    "demand",
    "intake",
    "protocols",
    "booking",
    "attendance",
    "visit",
    "visits",
    "finance",
    "response",
    "relapse",
    "boosters",
    "uncertainty",
)


def scenario_toml(
    name: str,
    description: str,
    settings: Sequence[Setting],
    uncertainty: Sequence[JointUncertainty],
    heading: Sequence[str] = (),
) -> str:
    """Write a scenario that extends `BASE`.

    Parameters
    ----------
    name, description
        Name and description of the scenario.
    settings
        Settings that differ from the base.
    uncertainty
        Joint uncertainty of settings; the table `uncertainty` of the file.
    heading
        Lines of the comment at the top.
    """
    import tomlkit

    document = tomlkit.document()
    for line in heading:
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    document.add("name", tomlkit.item(name))
    document.add("description", tomlkit.item(description))
    document.add("extends", tomlkit.item(BASE))
    tables: dict[tuple[str, ...], Table] = {}
    for setting in sorted(settings, key=lambda each: (_ORDER.index(each.address[0]), each.address[:-1])):
        table = _table(document, setting.address[:-1], tables)
        value = _item(setting.value)
        value.comment(setting.comment)
        table.add(setting.address[-1], value)
    if uncertainty:
        document.add(tomlkit.nl())
        for line in (
            "Uncertainty of these settings: on the scale named, their true values are normal around those written",
            "above, with this covariance.",
        ):
            document.add(tomlkit.comment(line))
    for entry in uncertainty:
        table = _table(document, ("uncertainty", entry.name), tables)
        table.add("settings", _item(list(entry.settings)))
        table.add("scale", _item(list(entry.scale)))
        matrix = [[rounded(float(value), 6) for value in row] for row in entry.covariance]
        table.add("covariance", _item(matrix))
    return tomlkit.dumps(document)


def _table(document: TOMLDocument, path: tuple[str, ...], tables: dict[tuple[str, ...], Table]) -> Table:
    """Return the table at a path, created if necessary."""
    import tomlkit

    for length in range(1, len(path) + 1):
        part = path[:length]
        if part not in tables:
            tables[part] = tomlkit.table(is_super_table=length < len(path))
            (tables[part[:-1]] if length > 1 else document).add(part[-1], tables[part])
    return tables[path]


def _item(value: object) -> Item:
    import tomlkit

    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, inner in value.items():
            table.add(key, _item(inner))
        return table
    plain: Any = value
    item: Item = tomlkit.item(plain)
    return item
