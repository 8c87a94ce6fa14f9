"""The worked examples of extending the program apply to the code as it is, and work."""

import shutil
import subprocess
import sys

from tests.docs.pages import ROOT, blocks

TRIED = """
from simclinic.measures import KPIS
from simclinic.report.figures.visit_lengths import visit_lengths
from simclinic.report.pages import run
assert run.visit_lengths is visit_lengths
assert "booster_wait_days_p90" in KPIS
"""


def test_worked_examples_apply_and_run(tmp_path):
    for folder in ("simclinic", "scenarios", "docs/background", "tests/measures"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    diffs = [block for block in blocks("docs/how-to/extend.md") if block.language == "diff"]
    assert len(diffs) == 4
    for block in diffs:
        subprocess.run(["git", "apply"], input=block.text, cwd=tmp_path, text=True, check=True)
    program = [sys.executable, "-m", "simclinic"]
    subprocess.run([sys.executable, "-c", TRIED], cwd=tmp_path, check=True)
    listed = subprocess.run([*program, "kpis"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "booster_wait_days_p90: The 90 % quantile" in listed.stdout
    check = ["check", "scenarios/baseline.toml", "--set", "finance.cost_consult=20"]
    subprocess.run([*program, *check], cwd=tmp_path, check=True)
