"""No other part of the program opens a file that was given to it: what is read has a bound, or it is not read."""

import ast
from pathlib import Path

import simclinic

PACKAGE = Path(simclinic.__file__).parent

READERS = {"read_text", "read_bytes", "fdopen", "ParquetFile", "read_table", "read_schema", "read_metadata"}
READERS |= {
    "read_csv",
    "read_excel",
    "read_json",
    "read_parquet",
    "read_html",
    "memmap",
    "fromfile",
    "loadtxt",
}
ALLOWED = {
    "reading.py": "opens what is given",
    "parquet/bounded.py": "decodes what was read",
    "calibration/sheets.py:ZipFile": "of bytes that were read",
    "calibration/sheets.py:open": "of bytes that were read",
    "calibration/bounded_archive.py:open": "of bytes that were read",
    "calibration/workbook.py:open": "of bytes that were read",
    "cli/complete.py:read_text": "of the program's own code",
    "cli/main.py:fdopen": "writes the traceback",
    "cli/main.py:open": "of the null device, to write into",
    "cli/screen.py:open": "of the null device",
    "store/": "has its own rules",
    "model/fast/compiled.py:read_text": "of what the system says of the processor",
    "model/fast/compiled.py:read_bytes": "of the program's own code",
    "program.py:read_bytes": "of the program's own code",
    "kept.py:read_bytes": "of what the program computed, beside its compiled files",
    "kept.py:fdopen": "writes that",
    "report/page/bundle.py:read_bytes": "of plotly's own code",
    "web/server.py:open": "of the page, in a browser",
    "studies/pictures.py:read_bytes": "of pictures it has just drawn",
}


def opened(tree: ast.AST):
    """Name every call that opens a file to read it."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        of = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        if "resources.files" in of or of.startswith("reading"):
            continue  # the package's own files
        modes = [each.value for each in call.args if isinstance(each, ast.Constant)]
        if name == "open" and not any(str(mode).strip("b") in ("w", "x", "a") for mode in modes):
            if not (of and of[0].isupper()) and of != "desk":
                yield name, call.lineno
        elif name in ("ZipFile", "load_workbook") or (name in READERS and of):
            yield name, call.lineno


def opening_places() -> set[str]:
    places = set()
    for file in sorted(PACKAGE.rglob("*.py")):
        where = file.relative_to(PACKAGE).as_posix()
        if where in ALLOWED or any(where.startswith(each) for each in ALLOWED if each.endswith("/")):
            continue
        for name, _ in opened(ast.parse(file.read_text(encoding="utf-8"))):
            places.add(f"{where}:{name}")
    return places


def test_no_other_code_opens_an_input_file():
    assert opening_places() - ALLOWED.keys() == set()


def test_what_is_allowed_is_there():
    assert {each for each in ALLOWED if ":" in each} <= opening_places()


def test_the_ways_to_open_a_file_are_known():
    ways = """\
open(path)
open(path, 'rb')
path.open('r')
path.read_text()
os.open(path, os.O_RDONLY)
pq.ParquetFile(path)
pd.read_csv(path)
path.open('w')
Folder.open(path)
"""
    assert [line for _, line in opened(ast.parse(ways))] == [1, 2, 3, 4, 5, 6, 7]
