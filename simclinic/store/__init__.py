"""Results folders: what a study found, kept so that it can be read, checked and gone on with.

A folder is written by one process at a time, file by file and each file whole: whoever pulls the plug finds
what had been finished before. The same command on the same folder goes on where it stopped, and the files
come out byte for byte as if it had never stopped.
"""

from simclinic.store.errors import FolderError
from simclinic.store.folder import Folder
from simclinic.store.manifest import Identity
from simclinic.store.names import default_folder
from simclinic.store.rows import ReplicationRows

__all__ = ["Folder", "FolderError", "Identity", "ReplicationRows", "default_folder"]
