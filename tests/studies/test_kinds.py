"""A kind of study is declared once, and nothing asks for one by its name."""

import ast
import importlib
from pathlib import Path

import pytest

from simclinic.results.kinds import KINDS, Kind, kind_of

ROOT = Path(__file__).parents[2] / "simclinic"


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_what_shows_a_kind_is_there(kind):
    module = importlib.import_module(kind.view_module)
    assert callable(module.text)
    assert callable(module.page)
    assert "study" in kind.document.__annotations__
    assert kind_of({"study": kind.name}) is kind


def test_an_unknown_kind_is_none():
    assert kind_of({}) is None
    assert kind_of({"study": "horoscope"}) is None


def compared_with_a_name(tree):
    """Find comparisons of a study with the name of a kind."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and "study" in ast.unparse(node):
            for side in (node.left, *node.comparators):
                for each in ast.walk(side):
                    if isinstance(each, ast.Constant) and each.value in KINDS:
                        yield each.lineno, each.value


def test_no_module_asks_for_a_kind_by_its_name():
    results = [
        (file.relative_to(ROOT).as_posix(), *each)
        for file in ROOT.rglob("*.py")
        for each in compared_with_a_name(ast.parse(file.read_text()))
    ]
    assert results == []
    planted = 'if known["study"] in ("run", "x"):\n    pass\n'
    assert list(compared_with_a_name(ast.parse(planted))) == [(1, "run")]


USED_BY = {
    "forecast": "studies/track.py",
    "calibrate": "studies/learnt.py",
    "plan": "studies/simulator.py",
}
"""A module that reads folders of a kind, or makes them for several studies."""


def test_a_kind_is_imported_where_such_a_study_is_made_and_nowhere_else():
    names = {
        name: each.command
        for name, each in vars(importlib.import_module("simclinic.results.kinds")).items()
        if isinstance(each, Kind)
    }
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "simclinic.results.kinds":
                for alias in node.names:
                    if alias.name in names and file.stem != "stress_des":
                        where, command = file.relative_to(ROOT).as_posix(), names[alias.name]
                        made = (f"studies/{command}.py", f"studies/{command}_search.py")
                        assert where in (*made, USED_BY.get(command))
