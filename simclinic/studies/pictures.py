"""The figures of a report as image files, for slides and papers: PNG, SVG or PDF, rendered by a browser."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

from simclinic.store import FolderError
from simclinic.store.atomic import write_atomically
from simclinic.studies.folders.options import PageOptions
from simclinic.studies.folders.report import page_of

FOLDER = "images"
"""The subfolder of images in a results folder."""

WIDTH, SCALE = 1100, 2
"""Width of an image in CSS pixels, and image pixels for each of them (PNG)."""

_INK, _PAPER = "#1d2329", "#ffffff"


def pictures(
    folder: Path,
    kind: str,
    options: PageOptions = PageOptions(),
) -> list[Path]:
    """Write every figure of a folder's report as an image, and return the paths.

    Parameters
    ----------
    folder
        A results folder.
    kind
        "png", "svg" or "pdf".
    options
        Options of the report.

    Raises
    ------
    FolderError
        If there is no such folder, it cannot be written, or the extra `images` or a browser is missing.
    """
    if importlib.util.find_spec("kaleido") is None:
        raise FolderError(
            "pictures need the extra `images`: pip install 'simclinic[images]'. The report itself does not."
        )
    import plotly.io
    from kaleido.errors import ChromeNotFoundError

    page = page_of(folder, options)
    target = folder / FOLDER
    names = []
    figures = []
    for shown in page.drawn:
        figure = shown.figure
        figure.update_layout(
            title={"text": shown.title, "x": 0.01},
            font={"color": _INK},
            paper_bgcolor=_PAPER,
            plot_bgcolor=_PAPER,
        )
        figure.update_layout(margin={"t": 90})
        figures.append(figure)
        names.append(f"{shown.key}.{kind}")
    try:
        # Rendered into another folder first, because the renderer would follow a link in place of an image.
        with tempfile.TemporaryDirectory() as rendered:
            files = [Path(rendered) / name for name in names]
            plotly.io.write_images(figures, files, format=kind, width=WIDTH, scale=SCALE)
            target.mkdir(exist_ok=True)
            for file in files:
                write_atomically(folder, f"{FOLDER}/{file.name}", file.read_bytes())
    except ChromeNotFoundError as error:
        raise FolderError(
            "pictures need a browser, but no Chromium or Chrome was found: install one (on Debian `apt install "
            "chromium`), or name one in the environment variable BROWSER_PATH.",
            exit_status=1,
        ) from error
    except OSError as error:
        raise FolderError(f"{target}: cannot be written: {error.strerror}.", exit_status=1) from error
    return [target / name for name in names]
