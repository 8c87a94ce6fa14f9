"""Templates that lie beside the modules that fill them, as Jinja reads them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

Template: TypeAlias = Any
Filter: TypeAlias = Callable[[Any], str]


def text_of(package: str, name: str) -> str:
    """Read a text file of a package."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


@cache
def template(package: str, name: str, *filters: Filter) -> Template:
    """Load a template of a package.

    Parameters
    ----------
    package, name
        Where it lies. Values are escaped in a template for HTML, and nowhere else.
    filters
        Functions that the template may use, under their own names.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

    environment = Environment(
        autoescape=select_autoescape(("html.j2",)),
        loader=FunctionLoader(lambda each: text_of(package, each)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update({each.__name__: each for each in filters})
    return environment.get_template(name)
