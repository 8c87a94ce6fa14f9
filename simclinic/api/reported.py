"""What all results have in common in a notebook: a folder, and a report to hand on."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path


class Reported(ABC):
    """Results that lie in a folder."""

    @property
    @abstractmethod
    def folder(self) -> Path:
        """The results folder."""

    def report(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write the report, one HTML file that opens offline, and give its path.

        Parameters
        ----------
        path
            Where; by default `report.html` in the results folder.

        Raises
        ------
        FolderError
            If it cannot be written.
        """
        from simclinic.studies.report import report

        return report(self.folder, to=None if path is None else Path(path))
