"""A report's figures as pictures, for slides and papers: PNG, SVG or PDF, drawn by a browser."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

from simclinic.store import FolderError
from simclinic.store.atomic import write_atomically
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.report import page_of

FOLDER = "images"
"""Where pictures lie in a results folder."""

WIDTH, SCALE = 1100, 2
"""Of a picture: pixels across, and how many of them a pixel on paper takes (PNG)."""

_INK, _PAPER = "#1d2329", "#ffffff"


def pictures(
    folder: Path,
    kind: str,
    options: PageOptions = PageOptions(),
) -> list[Path]:
    """Write every figure of a folder's report as a picture, and give their paths.

    Parameters
    ----------
    folder
        A results folder.
    kind
        "png", "svg" or "pdf".
    options
        What the report shows.

    Raises
    ------
    FolderError
        If there is no such folder, nothing to draw with, or it cannot be written.
    """
    if importlib.util.find_spec("kaleido") is None:
        raise FolderError(
            "pictures need the extra `images`: pip install 'simclinic[images]'. The report itself needs nothing."
        )
    import plotly.io
    from kaleido.errors import ChromeNotFoundError

    page = page_of(folder, options)
    place = folder / FOLDER
    made = []
    figures = []
    for shown in page.figures:
        figure = shown.figure
        figure.update_layout(
            title={"text": shown.title, "x": 0.01},
            font={"color": _INK},
            paper_bgcolor=_PAPER,
            plot_bgcolor=_PAPER,
        )
        figure.update_layout(margin={"t": 90})
        figures.append(figure)
        made.append(f"{shown.key}.{kind}")
    try:
        # Drawn elsewhere first: what draws them would follow a link that lies in a picture's place.
        with tempfile.TemporaryDirectory() as drawn:
            files = [Path(drawn) / name for name in made]
            plotly.io.write_images(figures, files, format=kind, width=WIDTH, scale=SCALE)
            place.mkdir(exist_ok=True)
            for file in files:
                write_atomically(folder, f"{FOLDER}/{file.name}", file.read_bytes())
    except ChromeNotFoundError as error:
        raise FolderError(
            "pictures are drawn by a browser, and no Chromium or Chrome was found: install one (on Debian `apt "
            "install chromium`), or name one in the environment variable BROWSER_PATH.",
            exit_status=1,
        ) from error
    except OSError as error:
        raise FolderError(f"{place}: cannot be written: {error.strerror}.", exit_status=1) from error
    return [place / name for name in made]
