"""Parameters that a docstring describes are parameters of its function."""

import ast
import re
from pathlib import Path

import simclinic

PACKAGE = Path(simclinic.__file__).parent
SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?=\n\n[A-Z][a-z]+\n-+\n|\Z)", re.DOTALL | re.MULTILINE)
NAMES = re.compile(r"\*{0,2}\w+(, \*{0,2}\w+)*")


def described(docstring: str) -> set[str]:
    """Return the names in the section `Parameters`, without the text below them."""
    section = SECTION.search(docstring)
    lines = section[1].splitlines() if section else []
    heads = [line for line in lines if NAMES.fullmatch(line)]
    return {name.strip(" *") for line in heads for name in line.split(",")}


def strangers(source: str) -> dict[str, set[str]]:
    """Return for each function the described names that are no parameters; options may be unpacked from a type."""
    wrong = {}
    for node in ast.walk(ast.parse(source)):
        function = node
        if isinstance(node, ast.ClassDef):
            function = next((each for each in node.body if getattr(each, "name", "") == "__init__"), None)
        if not isinstance(function, ast.FunctionDef) or function.args.kwarg is not None:
            continue
        arguments = function.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg]
        if unknown := described(ast.get_docstring(node) or "") - {each.arg for each in named if each}:
            wrong[node.name] = unknown
    return wrong


def test_described_parameters_exist():
    wrong = {str(file.relative_to(PACKAGE)): strangers(file.read_text()) for file in PACKAGE.rglob("*.py")}
    assert len(wrong) > 300
    assert {file: names for file, names in wrong.items() if names} == {}


def test_a_renamed_parameter_is_seen():
    source = '''
def read(path, *rest, most):
    """Read.

    Parameters
    ----------
    path, limit
        The file, and the most that is read.
    *rest
        Others.

    Returns
    -------
    str
        Text.
    """
'''
    assert strangers(source) == {"read": {"limit"}}
    assert strangers(source.replace("limit", "most")) == {}
