"""Shell completion: addresses of settings, names of key figures and of protocols.

It runs at each press of the completion key, so it imports as little as possible; in doubt it suggests nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simclinic.scenario import Scenario


def addresses(context: click.Context, _: click.Parameter, written: str) -> list[str]:
    """Complete `ADDRESS=` from the settings of the given scenario, or of the typical clinic."""
    if "=" in written:
        return []
    from simclinic.scenario import baseline
    from simclinic.scenario.addresses import address
    from simclinic.scenario.meant import places
    from simclinic.scenario.tables import as_tables

    known = places(as_tables(_given(context) or baseline()))
    return [f"{name}=" for name in map(address, known) if name.startswith(written)]


def figures(_: click.Context, __: click.Parameter, written: str) -> list[str]:
    """Complete names of key figures, separated by commas."""
    return _listed(written, _names())


def wanted(_: click.Context, __: click.Parameter, written: str) -> list[str]:
    """Complete `KPI=`."""
    return [f"{name}=" for name in _names() if name.startswith(written)]


def protocols(context: click.Context, _: click.Parameter, written: str) -> list[str]:
    """Complete names of the scenario's protocols, separated by commas."""
    from simclinic.scenario import baseline

    return _listed(written, (_given(context) or baseline()).protocols)


def _listed(written: str, names: Iterable[str]) -> list[str]:
    *before, last = written.split(",")
    return [",".join([*before, name]) for name in names if name.startswith(last) and name not in before]


def _names() -> list[str]:
    """Return the names of the key figures, parsed from their catalogue: importing it would import numpy."""
    from simclinic import plugins

    catalogue = ast.parse((Path(__file__).parents[1] / "measures" / "kpis.py").read_text(encoding="utf-8"))
    calls = (node for node in ast.walk(catalogue) if isinstance(node, ast.Call))
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Kpi"]
    return [*(ast.literal_eval(call.args[0]) for call in made), *plugins.names(plugins.KPIS)]


def _given(context: click.Context) -> Scenario | None:
    """Load the scenario on the command line; None if there is none yet, or it is invalid."""
    from simclinic.errors import SimclinicError
    from simclinic.scenario import load

    given = context.params
    first: str | Path | None = given.get("scenario") or next(iter(given.get("scenarios") or ()), None)
    study = given.get("study")
    try:
        if study:
            from simclinic.scenario.parse import parse, read_text

            written = parse(read_text(_file(study), study), study).get("scenario")
            first = Path(study).parent / (written[0] if isinstance(written, list) else str(written))
        return load(_file(first)) if first else None
    except (SimclinicError, OSError, ValueError, TypeError, LookupError):
        return None


def _file(path: str | Path) -> Path:
    """Return a path that is not a pipe: reading from one would take its content from the command itself.

    Raises
    ------
    ValueError
        If it is a pipe.
    """
    if Path(path).is_fifo():
        raise ValueError("is a pipe")
    return Path(path)
