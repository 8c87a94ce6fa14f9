"""No package of simclinic has an import circle between its modules, imports for type checkers alone included."""

import ast
import graphlib
from pathlib import Path

import pytest

import simclinic

ROOT = Path(simclinic.__file__).parent
PACKAGES = sorted(file.parent.name for file in ROOT.glob("*/__init__.py"))


def imported(tree: ast.AST):
    """Name every module, or name in a module, that a file imports anywhere in its text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(package: Path) -> dict[str, set[str]]:
    """Give for each module of a package the modules of the package that it imports."""
    files = {
        ".".join(("simclinic", *file.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): file
        for file in package.rglob("*.py")
    }
    graph = {}
    for name, file in files.items():
        result = imported(ast.parse(file.read_text(encoding="utf-8")))
        # `from package import module` names a module, `from module import thing` names what is in one.
        modules = {each if each in files else each.rpartition(".")[0] for each in result}
        graph[name] = (modules & files.keys()) - {name}
    return graph


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_has_an_import_circle(package):
    graphlib.TopologicalSorter(imports(ROOT / package)).prepare()


def test_a_circle_is_found(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "room").mkdir()
    for name, text in {
        "__init__": "",
        "one": "from simclinic.room import two",
        "two": "if TYPE_CHECKING:\n    from simclinic.room.one import One",
    }.items():
        (tmp_path / "room" / f"{name}.py").write_text(text)
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(imports(tmp_path / "room")).prepare()
