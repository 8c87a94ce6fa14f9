"""The application behind the page: the addresses of all screens."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import Response

from simclinic.web.answering import Place, answering, sending
from simclinic.web.exports import Exports
from simclinic.web.jobs import Jobs
from simclinic.web.screens import (
    cheapest,
    clinic,
    cope,
    day,
    export,
    forecast,
    glossary,
    hire,
    how_many,
    job,
    one_more,
    patients,
    plans,
    start,
    template,
)

_SCREENS = (
    start,
    clinic,
    patients,
    export,
    forecast,
    hire,
    cope,
    one_more,
    how_many,
    cheapest,
    template,
    day,
    plans,
    job,
    glossary,
)
_FILES = (
    ("page.css", "text/css", "simclinic.web"),
    ("page.js", "text/javascript", "simclinic.web"),
    ("clinic.js", "text/javascript", "simclinic.web"),
    ("draw.js", "text/javascript", "simclinic.report.page"),
)


def application(jobs: Jobs, exports: Exports | None = None) -> FastAPI:
    """Make the application of a folder; put :class:`simclinic.web.guard.Guard` before it.

    Parameters
    ----------
    jobs
        The long work of the folder.
    exports
        The exports that are dropped; by default held as long as usual.
    """
    place = Place(jobs.folder, jobs, exports or Exports(jobs.folder))
    app = FastAPI(title="simclinic", docs_url=None, redoc_url=None, openapi_url=None)
    for screens in _SCREENS:
        for method, path, screen in screens.ROUTES:
            app.add_api_route(path, answering(screen, place), methods=[method], response_model=None)
    app.add_api_route("/job/{key}/events", job.events(place), methods=["GET"], response_model=None)
    app.add_api_route("/plotly.js", job.plotly, methods=["GET"], response_model=None)
    app.add_api_route("/alive", _alive, methods=["GET"], response_model=None)
    for name, kind, package in _FILES:
        app.add_api_route(f"/{name}", sending(name, kind, package), methods=["GET"], response_model=None)
    return app


async def _alive() -> Response:
    """Answer the open page, which asks once a minute so that the server stays."""
    return Response(status_code=204)
