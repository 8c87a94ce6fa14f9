"""Example notebooks run, cell by cell, and keep no outputs."""

import ast
import json
import shutil

import pytest

import simclinic
from tests.docs.pages import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "examples").glob("*.ipynb"))


def run_cell(source: str, names: dict[str, object]) -> object:
    """Run a cell, and give what its last line shows."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if last is None:
        return None
    shown = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    assert shown._repr_html_()
    return shown


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_notebooks_run(notebook, tmp_path, monkeypatch):
    load = simclinic.load
    monkeypatch.setattr(
        simclinic,
        "load",
        lambda path: load(path).change('run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=2"),
        raising=False,
    )
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / "docs" / "examples").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "docs" / "examples")
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            run_cell("".join(cell["source"]), names)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)
def test_notebooks_are_kept_small(notebook):
    assert notebook.stat().st_size < 10_000
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_there_is_one():
    assert NOTEBOOKS
