"""Results folders: results of a study on disk, to be read, verified and resumed.

One process at a time writes a folder. Each file is written atomically, so a power cut loses nothing that was
finished. The same command on the same folder resumes where it stopped; the files are then byte for byte those of
an uninterrupted run.
"""

from simclinic.store.errors import FolderError
from simclinic.store.kpi_table import KpiTable
from simclinic.store.manifest import Identity
from simclinic.store.names import default_folder
from simclinic.store.run_folder import RunFolder

__all__ = ["FolderError", "Identity", "KpiTable", "RunFolder", "default_folder"]
