"""The job behind an answer: stopped, continued, watched, and its files to keep."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from fastapi.requests import Request
from fastapi.responses import FileResponse, RedirectResponse, Response, StreamingResponse

from simclinic import reading
from simclinic.errors import SimclinicError
from simclinic.studies.clinic_files import clinic_files
from simclinic.web.answering import NOT_FOUND, SEE_OTHER, Asked, Place, Route, missing
from simclinic.web.answers import Answer
from simclinic.web.jobs import ENDED, Job

_QUIET_SECONDS = 15.0
"""Time after which a line is sent though nothing has changed, so that a lost page is noticed."""
_CLOSE_SECONDS, _APART_SECONDS = 0.05, 0.3
"""Least seconds between two events: as soon as a job is watched, and after a second or so."""
_MOST_BYTES = 50_000_000
"""Of a spreadsheet."""
_WHAT = "job. Its files may have been removed"


def stop(place: Place, asked: Asked) -> Response:
    """Stop a job; what is finished is kept."""
    job = place.jobs.get(asked.key)
    if job is None:
        return missing(_WHAT)
    place.jobs.stop(job)
    return _back(place, job)


def go_on(place: Place, asked: Asked) -> Response:
    """Continue a stopped job."""
    job = place.jobs.get(asked.key)
    if job is None:
        return missing(_WHAT)
    if job.state == "stopped":
        place.jobs.go_on(job)
    return _back(place, job)


def _back(place: Place, job: Job) -> Response:
    return RedirectResponse(address(place, job), SEE_OTHER)


def address(place: Place, job: Job) -> str:
    """Return the address of the screen that shows a job; that of *Start* if its clinic has gone."""
    if job.question == "compare":
        return f"/plans?job={job.key}"
    found = [each.key for each in clinic_files(place.folder) if each.path.name == job.file]
    return f"/clinic/{found[0]}/{job.question}?job={job.key}" if found else "/"


def _answered(place: Place, asked: Asked) -> tuple[Job | None, Answer | None]:
    """Find a job and its answer; None for what is not there."""
    job = place.jobs.get(asked.key)
    return job, None if job is None else place.jobs.answer(job)


def document(place: Place, asked: Asked) -> Response:
    """Send what the command line prints with `--json`."""
    job, answer = _answered(place, asked)
    if job is None or answer is None:
        return missing(_WHAT)
    return download(answer.json.encode(), "application/json", f"{stem(job.file)}-{job.question}.json")


def report(place: Place, asked: Asked) -> Response:
    """Send the whole report, made from the results folder."""
    from simclinic.report.page import render
    from simclinic.studies.folders.report import page_of

    job, answer = _answered(place, asked)
    if job is None or answer is None:
        return missing(_WHAT)
    return download(
        render(page_of(_results(place, answer))).encode(),
        "text/html",
        f"{stem(job.file)}-{job.question}.html",
    )


def spreadsheet(place: Place, asked: Asked) -> Response:
    """Send the main figures for a spreadsheet, as the results folder has them."""
    job, answer = _answered(place, asked)
    if job is None or answer is None or not (path := _results(place, answer) / "summary.csv").is_file():
        return missing(_WHAT)
    return download(
        reading.read_bounded(path, _MOST_BYTES), "text/csv", f"{stem(job.file)}-{job.question}.csv"
    )


def _results(place: Place, answer: Answer) -> Path:
    """Return the results folder of an answer.

    Raises
    ------
    SimclinicError
        If the answer's file names one that is not below the clinics.
    """
    path = (place.folder / answer.folder).resolve()
    if not path.is_relative_to(place.folder.resolve()):
        raise SimclinicError("The results of this answer do not lie in the folder of the clinics. Ask again.")
    return path


def stem(file: str) -> str:
    """Name a file to keep after a clinic's: ASCII, since headers hold no more."""
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in Path(file).stem)
    return name.strip("-") or "clinic"


def download(content: bytes, kind: str, name: str) -> Response:
    """Send a file to keep."""
    return Response(
        content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def events(place: Place) -> Callable[[str], Awaitable[Response]]:
    """Return the answer that stays open and sends an event whenever a job has changed, until it has ended."""

    async def answer(key: str) -> Response:
        job = place.jobs.get(key)
        if job is None:
            return Response(status_code=NOT_FOUND)
        return StreamingResponse(_changes(job), media_type="text/event-stream")

    return answer


async def _changes(job: Job) -> AsyncIterator[str]:
    """Yield an event whenever a job has changed; the first figures and the end do not wait for their turn."""
    seen, shown = -1, False
    begun = now = due = time.monotonic()
    quiet = now + _QUIET_SECONDS
    while True:
        ended, known = job.state in ENDED, job.interim is not None
        apart = min(max(_CLOSE_SECONDS, (now - begun) / 4), _APART_SECONDS)
        if job.change != seen and (now >= due or ended or known > shown):
            seen, shown = job.change, known
            yield f"event: {'ended' if ended else 'changed'}\ndata: {seen}\n\n"
            if ended:
                return
            # Each event has the page read again, on processors that have the job to do.
            due, quiet = now + apart, now + _QUIET_SECONDS
        elif now >= quiet:
            quiet = now + _QUIET_SECONDS
            yield ": still here\n\n"
        await asyncio.sleep(apart / 3)
        now = time.monotonic()


async def plotly(_request: Request) -> Response:
    """Send plotly's drawing code, of the installed package."""
    found = importlib.util.find_spec("plotly")
    for folder in (found and found.submodule_search_locations) or ():
        path = Path(folder, "package_data", "plotly.min.js")
        if path.is_file():
            return FileResponse(path, media_type="text/javascript")
    return Response(status_code=NOT_FOUND)


ROUTES: tuple[Route, ...] = (
    ("POST", "/job/{key}/stop", stop),
    ("POST", "/job/{key}/go-on", go_on),
    ("GET", "/job/{key}/answer.json", document),
    ("GET", "/job/{key}/report.html", report),
    ("GET", "/job/{key}/figures.csv", spreadsheet),
)
