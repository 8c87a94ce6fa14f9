"""Key figures of other packages, or of the script that is running."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from simclinic import plugins
from simclinic.scenario.section import Listed, Section


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if not plugins.known(plugins.KPIS, name):
            raise ValueError(plugins.absent(plugins.KPIS, name))
    if len(set(names)) < len(names):
        raise ValueError("must name each key figure once")
    return names


class Own(Section):
    """What comes from other packages, or from the script that is running; see how-to/own-figures."""

    kpis: Annotated[tuple[str, ...], Field(max_length=100), AfterValidator(_known), Listed] = ()
    """Key figures beside those of simclinic, by name. Default: none."""
