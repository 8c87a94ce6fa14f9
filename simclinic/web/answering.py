"""From a request to a screen, and from a screen to a response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from fastapi.concurrency import run_in_threadpool
from fastapi.requests import Request
from fastapi.responses import Response

from simclinic.errors import SimclinicError
from simclinic.report.templates import template, text_of
from simclinic.studies.clinic_files import unwritable
from simclinic.version import VERSION
from simclinic.web.wording import wording

if TYPE_CHECKING:
    from simclinic.web.exports import Exports
    from simclinic.web.jobs import Jobs

PACKAGE = "simclinic.web"
SEE_OTHER, NOT_FOUND, CONFLICT, INVALID = 303, 404, 409, 422
_MOST_FIELDS = 2000

_FOLDER: ContextVar[Path] = ContextVar("folder")
"""The folder of the request that is answered: each screen says at once if nothing can be written there."""

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """What all screens work on.

    Attributes
    ----------
    folder
        The folder of the clinics.
    jobs
        Its long work.
    exports
        Exports that were dropped, in memory.
    """

    folder: Path
    jobs: Jobs
    exports: Exports


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as screens read it.

    Attributes
    ----------
    key
        The name of a clinic or a job in the address; empty in others.
    query, form
        Values by the names of fields: of the address, and of the body of a form.
    body
        The body as it came.
    """

    key: str
    query: Form
    form: Form
    body: bytes

    def last(self, name: str, default: str = "") -> str:
        """Return the last value of a field of the form; the default if there is none."""
        return self.form.get(name, [default])[-1]


Screen = Callable[[Place, Asked], Response]

Route = tuple[str, str, Screen]
"""Method, path and screen."""


def answering(screen: Screen, place: Place) -> Callable[[Request], Awaitable[Response]]:
    """Return the answer with a screen; a problem of the input is a screen, too."""

    async def answer(request: Request) -> Response:
        _FOLDER.set(place.folder)
        try:
            asked = await _asked(request)
            return await run_in_threadpool(screen, place, asked)
        except SimclinicError as error:
            lines = list(map(wording(""), error.lines))
            return page("problem.html.j2", INVALID, title="This cannot be done", lines=lines)

    return answer


async def _asked(request: Request) -> Asked:
    body = await request.body()
    kind = request.headers.get("content-type", "application/x-www-form-urlencoded").partition(";")[0]
    form = _read(body) if kind == "application/x-www-form-urlencoded" else {}
    query = _read(request.scope.get("query_string", b""))
    return Asked(str(request.path_params.get("key", "")), query, form, body)


def _read(text: bytes) -> Form:
    """Read fields as browsers write them.

    Raises
    ------
    SimclinicError
        If they are none.
    """
    try:
        return parse_qs(
            text.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise SimclinicError(
            "The form cannot be read: it is no UTF-8 text, or has too many fields."
        ) from None


def page(name: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 (what a template takes)
    """Fill a template."""
    folder = _FOLDER.get(None)
    readonly = folder is not None and unwritable(folder)
    text = template(PACKAGE, name).render(version=VERSION, readonly=readonly, **values)
    # A name of a file that is no UTF-8 is shown by its codes.
    body = text.encode(errors="backslashreplace")
    return Response(body, status_code=status, media_type="text/html; charset=utf-8")


def missing(what: str = "clinic in the folder. Its file may have been renamed or removed") -> Response:
    """Answer that something asked for is not there."""
    return page("problem.html.j2", NOT_FOUND, title="Not found", lines=[f"There is no such {what}."])


def sending(name: str, kind: str, package: str = PACKAGE) -> Callable[[], Awaitable[Response]]:
    """Return the answer with a file of a package."""

    async def answer() -> Response:
        return Response(text_of(package, name), media_type=kind)

    return answer
