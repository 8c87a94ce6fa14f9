"""The contents of a page, and their rendering as HTML.

Names and texts of a scenario are not trusted: Jinja escapes them, the data of figures is JSON that nothing
runs, and the page's policy runs its own two scripts, identified by their hashes, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.page.bundle import bundle, source_of
from simclinic.report.settings import in_words, setting_words
from simclinic.report.templates import template, text_of
from simclinic.version import VERSION

_PACKAGE = "simclinic.report.page"

_TALLEST = 450
"""Height in pixels above which the chart comes last, on the second page, so that the first is not half empty."""
_MOST_WARNINGS = 3
"""On the first two pages; the others are in the appendix."""


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
    """A report: two pages that answer, and an appendix.

    Question, answer, `plans`, `chart` and `matters` fit two printed sheets of A4. All else is the appendix.

    Attributes
    ----------
    study
        The command.
    title
        The scenario's name, or the study's.
    question
        What was asked.
    answer
        In plain words, a sentence or two in each line, the most important line first.
    good
        Whether the answer is good news; None where it is neither.
    plans
        The plans side by side; None: there is nothing to lay side by side.
    chart
        The one chart of the first two pages, with the target as a line where there is one; None: there is nothing
        to draw.
    matters
        The assumptions that matter most.
    details
        The answer in full, for the appendix; may be empty.
    warnings
        What to know before reading a figure.
    figures
        Of the appendix, in order.
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
    answer: Sequence[str]
    good: bool | None
    plans: Block | None
    chart: Chart | None
    matters: Sequence[Assumption]
    details: str
    warnings: Sequence[str]
    figures: Sequence[Chart]
    tables: Sequence[Block]
    assumptions: Sequence[Assumption]
    reproduce: Sequence[tuple[str, str]]

    @property
    def drawn(self) -> Sequence[Chart]:
        """All its charts, in the order of the page."""
        return [*([] if self.chart is None else [self.chart]), *self.figures]


def render(page: Page) -> str:
    """Write a page as HTML."""
    drawing = bundle()
    script = text_of(_PACKAGE, "draw.js") + text_of(_PACKAGE, "page.js")
    policy = (
        f"default-src 'none'; script-src {source_of(script.encode())} {drawing.source}; "
        "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    written: str = template(_PACKAGE, "page.html.j2").render(
        page=page,
        policy=policy,
        style=text_of(_PACKAGE, "page.css"),
        script=script,
        packed=drawing.packed if page.drawn else "",
        drawings={shown.key: _json(shown) for shown in page.drawn},
        words=setting_words,
        breakable=_breakable,
        held=held,
        most_warnings=_MOST_WARNINGS,
        tallest=_TALLEST,
        version=VERSION,
    )
    # A name that is no UTF-8, in the command that repeats a study, is shown by its codes.
    return written.encode(errors="backslashreplace").decode()


def held(text: str) -> str:
    """Hold a number and its sign of per cent together; name settings in words, and leave marks of code out."""
    return re.sub(r"(?<=\d) (?=%)", "\N{NO-BREAK SPACE}", in_words(text.replace("`", "")))


def _breakable(address: str) -> Markup:
    """Write an address so that a line may end after a dot or an underscore, and nowhere inside a word."""
    text = str(escape(address))
    for sign in "._":
        text = text.replace(sign, f"{sign}<wbr>")
    return Markup(text)  # noqa: S704 (escaped above)


def _json(shown: Chart) -> str:
    """Write a figure as JSON that cannot end the HTML element around it."""
    text = shown.drawing.to_json()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
