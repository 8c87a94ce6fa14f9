"""Trees of two commits, what each computes, and what of it differs."""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tree(commit, folder):
    """Lay a commit out in a folder; without a commit, give the working tree."""
    if not commit:
        return ROOT
    packed = subprocess.run(
        ["git", "archive", "--format=tar", commit], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def digests(program, scenarios, only=""):
    """Let a tree compute the fixed set on some scenarios."""
    script = Path(__file__).with_name("collect.py")
    with tempfile.TemporaryDirectory() as made:
        subprocess.run(
            [sys.executable, script, scenarios, made, only],
            cwd=made,
            check=True,
            env={**os.environ, "PYTHONPATH": str(program), "XDG_STATE_HOME": made},
        )
        return json.loads((Path(made) / "digests.json").read_text())


def differences(before, after):
    """Name what is missing or different, and what is new.

    A new column or key changes the list of its table's or document's names, too: such a list may grow. A setting
    that is new changes the hash of the resolved scenario that has it.
    """
    wrong, new = [], [address for address in after if address not in before]
    settings = {address.partition("/")[0] for address in new if "/scenario.resolved.toml." in address}
    for address, value in before.items():
        then = after.get(address)
        grown = (
            address.endswith("{}")
            or "/tables " in address
            or (then is not None and ": " in then and "rows" in then)
        )
        if address.endswith("manifest.json.scenario_hash") and address.partition("/")[0] in settings:
            continue
        if then == value:
            continue
        if then is not None and grown and set(value.split()) <= set(then.split()):
            continue
        wrong.append(f"{address}: {value} then {then or 'missing'}")
    return wrong, new
