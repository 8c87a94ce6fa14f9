"""The contents of a page, and their rendering as HTML.

Names and texts of a scenario are not trusted: Jinja escapes them, the data of figures is JSON that nothing
runs, and the page's policy runs its own two scripts, identified by their hashes, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.page.bundle import bundle, source_of
from simclinic.report.templates import template, text_of
from simclinic.version import VERSION

_PACKAGE = "simclinic.report.page"


@dataclass(frozen=True, slots=True)
class Block:
    """A table on a page.

    Attributes
    ----------
    title
        Above it.
    sheet
        The table.
    says
        A sentence before it; may be empty.
    """

    title: str
    sheet: DataSheet
    says: str = ""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A setting the figures rest on.

    Attributes
    ----------
    address, value
        Which, and what it is.
    changed
        Whether it differs from the default.
    source
        What it means, and where its default comes from.
    """

    address: str
    value: str
    changed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Page:
    """A report.

    Attributes
    ----------
    study
        The command.
    title
        The scenario's name, or the study's.
    question
        What was asked.
    answer
        Two sentences, with the uncertainty.
    good
        Whether the answer is good news; None where it is neither.
    warnings
        What to know before reading a figure.
    figures
        In order.
    tables
        Below them.
    assumptions
        What the figures rest on.
    reproduce
        What it takes to repeat it: pairs of a word and a text.
    """

    study: str
    title: str
    question: str
    answer: str
    good: bool | None
    warnings: Sequence[str]
    figures: Sequence[Chart]
    tables: Sequence[Block]
    assumptions: Sequence[Assumption]
    reproduce: Sequence[tuple[str, str]]


def render(page: Page) -> str:
    """Write a page as HTML."""
    drawing = bundle()
    script = text_of(_PACKAGE, "page.js")
    policy = (
        f"default-src 'none'; script-src {source_of(script.encode())} {drawing.source}; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    written: str = template(_PACKAGE, "page.html.j2").render(
        page=page,
        policy=policy,
        style=text_of(_PACKAGE, "page.css"),
        script=script,
        packed=drawing.packed if page.figures else "",
        drawings=[_json(shown) for shown in page.figures],
        version=VERSION,
    )
    # A name that is no UTF-8, in the command that repeats a study, is shown by its codes.
    return written.encode(errors="backslashreplace").decode()


def _json(shown: Chart) -> str:
    """Write a figure as JSON that cannot end the HTML element around it."""
    text = shown.drawing.to_json()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
