"""The base class of results in Python: folder, warnings and report."""

from __future__ import annotations

import os
from pathlib import Path

from simclinic.scenario.panel import Panel


class StudyResults:
    """Results of a study, stored in a folder.

    Attributes
    ----------
    folder
        The results folder, as the command of the same name writes it.
    warnings
        Warnings to read before any figure.
    """

    def __init__(self, folder: Path, warnings: list[str], panel: Panel | None = None) -> None:
        self.folder = folder
        self.warnings = warnings
        self._panel = panel

    def report(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write the report, one HTML file that opens offline, and return its path.

        Parameters
        ----------
        path
            Its path; by default `report.html` in the results folder.

        Raises
        ------
        FolderError
            If it cannot be written.
        """
        from simclinic.studies.folders.options import PageOptions
        from simclinic.studies.folders.report import report

        return report(self.folder, PageOptions(panel=self._panel), to=None if path is None else Path(path))
